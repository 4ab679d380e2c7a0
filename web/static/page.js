// Comforts; everything works without them. All words come from the page, in its language.
(() => {
  "use strict";
  const summary = document.querySelector(".summary");
  if (summary) summary.focus();

  const password = document.getElementById("password");
  if (!password) return;
  const words = password.parentElement.dataset;

  const button = document.createElement("button");
  const length = document.createElement("p");
  const status = document.createElement("span");
  button.type = "button";
  button.className = "show";
  button.setAttribute("aria-controls", "password");
  length.className = "length";
  length.setAttribute("aria-hidden", "true"); // told by `status` as well, but not at every key
  status.className = "unseen";
  status.setAttribute("role", "status");

  const show = (visible) => {
    password.type = visible ? "text" : "password";
    button.textContent = visible ? words.hide : words.show;
    button.setAttribute("aria-label", visible ? words.hideLabel : words.showLabel);
  };
  button.addEventListener("click", () => {
    show(password.type === "password");
    status.textContent = password.type === "text" ? words.shown : words.hidden;
  });
  password.form.addEventListener("submit", () => show(false));

  let pause;
  const count = () => {
    const typed = [...password.value.normalize("NFC")].length;
    const enough = typed >= Number(words.least);
    length.textContent = enough ? words.enough : words.short.replace("{typed}", typed);
    length.classList.toggle("enough", enough);
    length.hidden = typed === 0;
    clearTimeout(pause);
    pause = setTimeout(() => { status.textContent = length.textContent; }, 1000);
  };
  password.addEventListener("input", count);

  show(false);
  length.hidden = true;
  password.after(button, status);
  password.parentElement.after(length);
})();
