"use strict";
// Fills the page from the data in it. No library, nothing loaded.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const pick = { sentence: at("sentence"), model: at("model"), layer: at("layer"), head: at("head"), group: at("group") };
  const MEAN = "mean";

  // --- what was chosen ---------------------------------------------------------------------------------------
  function corpusAndSentence() {
    const [c, k] = pick.sentence.value.split("/").map(Number);
    return { corpus: data.corpora[c], k };
  }
  const byName = (list, name) => list.find((item) => item.name === name);

  // Two bytes a value, little-endian, heads one after the other.
  function unpacked(text, scale) {
    const bytes = atob(text);
    const values = new Float64Array(bytes.length / 2);
    for (let i = 0; i < values.length; i += 1) {
      values[i] = (bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1)) / scale;
    }
    return values;
  }

  // Attention of one head, or their mean, over the pairs of a sentence.
  function attentionOf(model, layer, head, k) {
    const place = model.layers.indexOf(layer);
    const all = unpacked(model.values[place][k], model.scales[place]);
    const pairs = all.length / model.heads;
    if (head !== MEAN) return all.slice(Number(head) * pairs, (Number(head) + 1) * pairs);
    const mean = new Float64Array(pairs);
    for (let i = 0; i < all.length; i += 1) mean[i % pairs] += all[i] / model.heads;
    return mean;
  }

  // --- choices -----------------------------------------------------------------------------------------------
  function setOptions(select, options) {
    const before = select.value;
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    if (options.some(([value]) => String(value) === before)) select.value = before;
    select.disabled = options.length === 0;
  }

  function offerSentences() {
    data.corpora.forEach((corpus, c) => {
      const group = document.createElement("optgroup");
      group.label = corpus.name;
      corpus.sentences.forEach((item, k) => {
        const text = item.words.join(" ");
        const start = text.length > 60 ? text.slice(0, 59) + "…" : text;
        const shown = corpus.texts ? ": " + start : " (" + item.words.length + " words)";
        group.append(new Option(item.article + "." + item.sentence + shown, c + "/" + k));
      });
      pick.sentence.append(group);
    });
  }

  // What there is to choose depends on what was chosen before; what can stay stays.
  function offerRest() {
    const { corpus } = corpusAndSentence();
    setOptions(pick.model, corpus.models.map((model) => [model.name, model.name]));
    setOptions(pick.group, corpus.groups.map((g) => [g.name, g.name + ": " + g.readers + " " + g.are + " readers, mean"]));
    const model = byName(corpus.models, pick.model.value);
    if (!model) return;
    setOptions(pick.layer, model.layers.map((layer) => [layer, layer + " (of 0 to " + (model.of - 1) + ")"]));
    const heads = Array.from({ length: model.heads }, (_, h) => [h, String(h)]);
    setOptions(pick.head, [[MEAN, model.heads > 1 ? "mean of " + model.heads + " heads" : "the only one"], ...(model.heads > 1 ? heads : [])]);
    const layers = corpus.models.filter((m) => m.layers.length < m.of).length;
    at("held").textContent =
      "This page holds " + corpus.sentences.length + " of " + corpus.of + " sentences of " + corpus.name +
      (layers ? ", and some layers of each model only." : ", and every layer and head.");
  }

  // --- matrices ----------------------------------------------------------------------------------------------
  function digits(value) {
    if (value === 0) return "0";
    return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(value < 0.01 ? 1 : 3)).toString();
  }

  // White to black: the same in print and to those who do not see colours.
  function shade(cell, part) {
    const light = Math.round(255 * (1 - Math.sqrt(part)));
    cell.style.background = "rgb(" + light + "," + light + "," + light + ")";
    cell.style.color = light < 118 ? "#fff" : "#000"; // either way a contrast above 4.5
  }

  function draw(table, words, values, unit) {
    const largest = Math.max(...values, 0);
    const head = document.createElement("thead");
    const row = head.insertRow();
    row.append(document.createElement("td"));
    words.forEach((word) => {
      const cell = document.createElement("th");
      cell.scope = "col";
      const span = document.createElement("span");
      span.textContent = word;
      cell.append(span);
      row.append(cell);
    });
    const body = document.createElement("tbody");
    let place = 0;
    words.forEach((word, i) => {
      const line = body.insertRow();
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = word;
      line.append(name);
      words.forEach((_, j) => {
        const cell = line.insertCell();
        if (j > i) {
          cell.className = "none";
          return;
        }
        const value = values[place];
        place += 1;
        cell.dataset.i = i;
        cell.dataset.j = j;
        cell.dataset.value = value;
        cell.tabIndex = i === 0 ? 0 : -1;
        cell.title = word + " → " + words[j] + ": " + digits(value) + " " + unit;
        cell.setAttribute("aria-label", cell.title);
        if (at("numbers").checked) cell.textContent = digits(value);
        shade(cell, largest > 0 ? value / largest : 0);
      });
    });
    table.replaceChildren(head, body);
    table.classList.toggle("numbers", at("numbers").checked);
    const scale = at(table.id + "-scale");
    const bar = document.createElement("span");
    bar.className = "bar";
    bar.setAttribute("aria-hidden", "true");
    // The shade goes with the root, so that small values are seen.
    bar.style.background = "linear-gradient(to right, " + [0, 0.05, 0.25, 0.5, 0.75, 1].map((part) => {
      const light = Math.round(255 * (1 - Math.sqrt(part)));
      return "rgb(" + light + "," + light + "," + light + ") " + part * 100 + "%";
    }).join(", ") + ")";
    scale.replaceChildren("0", bar, digits(largest) + " " + unit);
  }

  const unitOfSaccades = data.signal === "number" ? "saccades a reader" : "ms a reader";

  function show() {
    offerRest();
    const { corpus, k } = corpusAndSentence();
    const words = corpus.sentences[k].words;
    at("matrices").classList.toggle("side", words.length <= 16);
    const model = byName(corpus.models, pick.model.value);
    const group = byName(corpus.groups, pick.group.value);
    at("attention-title").textContent = model
      ? "Attention: " + model.name + ", layer " + pick.layer.value + (pick.head.value === MEAN ? ", " : ", head ") + pick.head.selectedOptions[0].text
      : "Attention: no model on this text";
    at("saccades-title").textContent = group ? "Saccades: " + group.name : "Saccades: nobody read this text here";
    draw(at("attention"), model ? words : [], model ? attentionOf(model, Number(pick.layer.value), pick.head.value, k) : [],
      "of the word's attention");
    draw(at("saccades"), group ? words : [], group ? group.values[k] : [], unitOfSaccades);
    say("");
  }

  // --- cells: by mouse and by keys ------------------------------------------------------------------------------
  function say(text) {
    at("said").textContent = text;
    document.querySelectorAll("td.same").forEach((cell) => cell.classList.remove("same"));
  }

  const cellAt = (table, i, j) => table.querySelector('td[data-i="' + i + '"][data-j="' + j + '"]');

  function tell(cell) {
    const { i, j } = cell.dataset;
    const { corpus, k } = corpusAndSentence();
    const words = corpus.sentences[k].words;
    const parts = ["attention", "saccades"].map((id) => [id, cellAt(at(id), i, j)]).filter(([, c]) => c);
    say("From “" + words[i] + "” to “" + words[j] + "”: " + parts.map(([id, c]) => id + " " + digits(Number(c.dataset.value))).join(", "));
    parts.forEach(([, c]) => c !== cell && c.classList.add("same"));
  }

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  ["attention", "saccades"].forEach((id) => {
    const table = at(id);
    table.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      const cell = event.target.closest("td[data-i]");
      if (!step || !cell) return;
      event.preventDefault();
      const next = cellAt(table, Number(cell.dataset.i) + step[0], Number(cell.dataset.j) + step[1]);
      if (!next) return;
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    table.addEventListener("focusin", (event) => event.target.dataset.i !== undefined && tell(event.target));
    table.addEventListener("mouseover", (event) => event.target.dataset.i !== undefined && tell(event.target));
  });

  offerSentences();
  at("choices").addEventListener("submit", (event) => event.preventDefault());
  at("choices").addEventListener("change", show);
  show();
}());
