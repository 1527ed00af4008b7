from threading import Thread

from igor.server import IgorServer


class BacgroundProcess(Thread):
      def __init__(self):
          Thread.__init__(self)
          self.scope = None
          self.process_id = None
          self.output = None 

      def run(self):
          # write scope
          self.scope['process_id'] = self.process_id
          # read scope
          data = self.scope['data']
          self.output.send('scope_data', data)


def begin(output, data, **kwargs):
    kwargs['scope']['data'] = data
    igor.add_process('scope_process', BacgroundProcess())


igor = IgorServer(api={'begin': begin})
igor.run_forever()
