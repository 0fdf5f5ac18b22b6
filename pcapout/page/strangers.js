// SPDX-License-Identifier: MIT
// strangers.js - what is judged of packets that no socket had, by their ends.

const MOST_STRANGERS = 50;

function strangerText(stranger) {
  const judgements = stranger.judgements || [];
  const judgement = judgements.find((each) => each.trouble) || judgements[0];
  return judgement ? {text: judgement.text, frame: judgement.frame, trouble: judgement.trouble} :
    {text: "", frame: 0, trouble: false};
}

function fillStrangers(state, element) {
  const all = (state.data.end.without_socket || [])
    .map((stranger) => ({ends: endsText(stranger), ...strangerText(stranger)}))
    .filter((stranger) => stranger.text)
    .sort((a, b) => Number(b.trouble) - Number(a.trouble));
  const troubled = all.filter((stranger) => stranger.trouble).length;
  element.hidden = all.length === 0;
  element.open = troubled > 0 && all.length <= 5;
  element.querySelector("summary").textContent = plural(all.length, "connection") +
    " without a socket" + (troubled ? ", " + troubled.toLocaleString("en") + " in trouble" : "") +
    (all.length > MOST_STRANGERS ? "; the first " + MOST_STRANGERS : "");
  const list = element.querySelector("ul");
  for (const stranger of all.slice(0, MOST_STRANGERS)) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.textContent = (stranger.trouble ? "\u26a0 " : "") + stranger.ends;
    button.addEventListener("click", () => {
      const row = state.data.rows.find((each) => each.frame === stranger.frame);
      state.select(row || null);
    });
    item.append(button, " " + stranger.text);
    list.append(item);
  }
}
