class Calculator {
  constructor(services) {
    const buttons = document.querySelectorAll("button");
    let address;
    services.add_message_listener((message) => {
      address = message; // of the requests of this session
      for (const button of buttons) button.disabled = false;
    });
    for (const button of buttons) {
      button.onclick = async () => {
        const number = document.querySelector("input").value;
        const answer = await fetch(`${address}${button.value}/${number}`);
        document.querySelector("output").textContent = await answer.text();
      };
    }
  }
}

start_narvi(Calculator);
