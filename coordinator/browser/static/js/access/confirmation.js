/* A dialog that says what is about to happen; where the hub refuses it, its sentence stands there. */

export class Confirmation {
  constructor(dialog) {
    this.dialog = dialog;
    this.part = (name) => dialog.querySelector(`#confirm-${name}`);
    this.part("not").addEventListener("click", () => dialog.close());
    this.part("do").addEventListener("click", () => this.run());
  }

  /** Shows it; `act` is done when `word` is pressed, and the dialog closes once that has worked. */
  ask(title, sentences, word, act) {
    this.act = act;
    this.part("title").textContent = title;
    this.part("text").replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
    this.part("problem").textContent = "";
    this.part("do").textContent = word;
    this.part("do").hidden = false;
    this.part("not").textContent = "Not now";
    this.dialog.showModal();
    this.part("not").focus();
  }

  async run() {
    this.part("do").disabled = true;
    this.part("problem").textContent = "";
    try {
      await this.act();
      this.dialog.close();
    } catch (refused) {
      this.part("problem").textContent = refused.message;
      this.part("do").hidden = refused.status === 409;
      if (refused.status === 409) this.part("not").textContent = "Close";
    } finally {
      this.part("do").disabled = false;
    }
  }
}
