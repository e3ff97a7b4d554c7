// The theme is set before anything is drawn: as the system has it, or as somebody chose.
(() => {
  const kept = "chalice-console-theme";
  const order = ["auto", "light", "dark"];
  const root = document.documentElement;

  function read() {
    try {
      const value = localStorage.getItem(kept);
      return order.includes(value) ? value : "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  }

  function apply(value) {
    if (value === "auto") delete root.dataset.theme;
    else root.dataset.theme = value;
  }

  apply(read());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    let value = read();
    const show = () => {
      button.textContent = `Theme: ${value}`;
      button.setAttribute("aria-label", `Theme: ${value}. Choose the next`);
    };
    button.addEventListener("click", () => {
      value = order[(order.indexOf(value) + 1) % order.length];
      apply(value);
      show();
      try {
        localStorage.setItem(kept, value);
      } catch {
        // then it is forgotten when the page is closed
      }
    });
    show();
  });
})();
