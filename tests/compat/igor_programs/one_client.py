from threading import Thread

from igor.server import IgorServer


class BacgroundProcess(Thread):
    def __init__(self):
        Thread.__init__(self)
        self.output = None

    def run(self):
      self.output.send('special_for_you', 'only_for_client_1', client_id=1)


def begin(output, data, **kwargs):
    igor.add_process('special', BacgroundProcess())


igor = IgorServer(api={'begin': begin})
igor.run_forever()
