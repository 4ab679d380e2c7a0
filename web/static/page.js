// Two comforts; everything works without them.
(() => {
  "use strict";
  const summary = document.querySelector(".summary");
  if (summary) summary.focus();

  const password = document.getElementById("password");
  const form = password && password.form;
  if (!form) return;

  const button = document.createElement("button");
  const status = document.createElement("span");
  button.type = "button";
  button.className = "show";
  button.setAttribute("aria-controls", "password");
  status.className = "unseen";
  status.setAttribute("role", "status");

  const show = (visible) => {
    password.type = visible ? "text" : "password";
    button.textContent = visible ? "Hide" : "Show";
    button.setAttribute("aria-label", visible ? "Hide password" : "Show password");
  };
  button.addEventListener("click", () => {
    show(password.type === "password");
    status.textContent = password.type === "text" ? "Your password is visible" : "Your password is hidden";
  });
  form.addEventListener("submit", () => show(false));

  show(false);
  password.after(button, status);
})();
