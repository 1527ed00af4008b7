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
          self.sessions['client_1'] = self.process_id
          # read scope
          data = self.sessions['client_1']['data']
          self.output.send('client_1_session_data', data)


def begin(output, data, **kwargs):
    igor.add_process('sessions_process', BacgroundProcess())


igor = IgorServer(api={'begin': begin})
igor.run_forever()
