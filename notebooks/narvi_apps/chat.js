class Chat {
  constructor(services) {
    const list = document.querySelector("ul");
    const form = document.querySelector("form");
    list.replaceChildren();
    services.add_message_listener((message) => {
      for (const { who, text } of JSON.parse(message)) {
        const line = document.createElement("li");
        line.textContent = `${who}: ${text}`;
        list.append(line);
      }
    });
    form.elements[0].disabled = false;
    form.onsubmit = (event) => {
      event.preventDefault();
      services.send(form.elements[0].value);
      form.reset();
    };
  }
}

start_narvi(Chat);
