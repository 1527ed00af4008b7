/** A websocket whose server is the test. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static readonly OPEN = 1;
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1) as FakeSocket;
  }
  readonly address: string;
  readyState = 0;
  binaryType = "blob";
  sent: (string | ArrayBuffer)[] = [];
  closedWith: number | undefined;
  onopen = () => {};
  onmessage: (event: { data: string | ArrayBuffer }) => void = () => {};
  onclose: (event: { code: number; reason: string }) => void = () => {};

  constructor(address: string) {
    this.address = address;
    FakeSocket.all.push(this);
  }
  send(message: string | ArrayBuffer): void {
    this.sent.push(message);
  }
  close(code: number): void {
    this.closedWith = code;
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  say(data: string | ArrayBuffer): void {
    this.onmessage({ data });
  }
  greet(session_id = "s1", app_parameters: object = {}): void {
    this.open();
    this.say(JSON.stringify({ session_id, action: "session_connected", app_parameters }));
  }
  end(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}
