import igor
from igor.server import IgorServer


def hello(output, data, **kwargs):
    name = data['name']
    output.send('Hello ' + name)


API = {
  'hello': hello,
}

from igor.server import CONFIG

IGOR_CONFIG = CONFIG

CONFIG['port'] = 5000

server = IgorServer(host='127.0.0.1', api=API, config=CONFIG)
igor.run_forever()
