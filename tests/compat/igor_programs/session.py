import igor
from igor.server import IgorServer


def hello(out, data, **kwargs):
      name = data['name']
      # get session object
      session = kwargs['session']
      # write session
      session['name'] = 'Oskar'
      out.send('Hello ' + name)

def bye(out, data, **kwargs):
      # read session
      name = kwargs['session']['name']
      out.send('Bye ' + name)


server = IgorServer(api={'hello': hello, 'bye': bye})
igor.run_forever()
