import igor
from igor.server import IgorServer


def hello(output, data, **kwargs):
    name = data['name']
    output.send('Hello ' + name)


API = {
  'hello': hello,
}

server = IgorServer(api=API)
igor.run_forever()
