"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  // Copying. The clipboard is closed to some pages that come from a file: then the text is selected.
  const copy = async (code, button) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  const withButtons = (root) => {
    for (const code of root.querySelectorAll("code[data-copy]")) {
      if (code.dataset.copy) continue;
      code.dataset.copy = "yes";
      const button = make("button", "Copy", "copy");
      button.type = "button";
      button.setAttribute("aria-label", "Copy " + code.textContent);
      button.addEventListener("click", () => copy(code, button));
      code.after(button);
    }
  };
  // What is folded gets its buttons when it is unfolded: there may be thousands.
  for (const code of document.querySelectorAll("details code[data-copy]")) code.dataset.copy = "later";
  withButtons(document);
  document.addEventListener("toggle", (event) => {
    for (const code of event.target.querySelectorAll('code[data-copy="later"]')) code.dataset.copy = "";
    withButtons(event.target);
  }, true);

  // Light and dark, until the page is left.
  const theme = at("theme");
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const named = () => {
    theme.textContent = dark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", "Show in " + (dark() ? "light" : "dark") + " colours");
  };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    named();
  });
  named();
  theme.hidden = false;

  // The address keeps what is looked at, so that a view can be linked.
  const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const keep = (key, value) => {
    if (value) state.set(key, value); else state.delete(key);
    history.replaceState(null, "", "#" + state);
  };

  // Which image do I get?
  const fill = (select, values) => {
    const before = select.value;
    select.replaceChildren(...values.map(([value, text]) => {
      const option = make("option", text);
      option.value = value;
      return option;
    }));
    if (values.some(([value]) => value === before)) select.value = before;
  };
  const server = at("server"), cloud = at("cloud"), region = at("region"), machine = at("machine");
  const regions = () => {
    const chosen = data.clouds.find((each) => each.id === cloud.value);
    const more = data.servers.flatMap((each) => data.rules.flatMap((rule, number) =>
      rule.cloud === cloud.value ? Object.keys(each.answers[number].spots) : []));
    fill(region, [...new Set([...chosen.regions, ...more])].sort().map((name) => [name, name]));
    at("machines").replaceChildren(...data.rules.filter((rule) => rule.cloud === cloud.value)
      .map((rule) => {
        const option = make("option", rule.machines);
        option.value = rule.example;
        return option;
      }));
  };
  const line = (text) => {
    const paragraph = make("p", undefined, "line"), code = make("code", text);
    code.dataset.copy = "";
    paragraph.append(code);
    return paragraph;
  };
  const answer = () => {
    const chosen = data.servers[server.value];
    const number = data.rules.findIndex((rule) => rule.cloud === cloud.value &&
      (!rule.pattern || new RegExp(rule.pattern, "i").test(machine.value.trim())));
    const rule = data.rules[number], found = chosen.answers[number], spot = found.spots[region.value];
    const kind = found.kind === "ours" && !spot ? "absent" : found.kind;
    const box = at("answer");
    box.dataset.kind = kind;
    const told = [];
    if (kind === "ours") {
      told.push(make("p", found.name, "what"), make("p", "Machines " + rule.machines + " in " + region.value + " boot this image:"), line(spot));
      const boots = found.command.replaceAll("{region}", region.value).replaceAll("{id}", spot);
      if (boots) told.push(make("p", "To boot it yourself:"), line(boots));
      if (chosen.settings) told.push(make("p", "The server is started with:"), line(chosen.settings));
    } else if (kind === "external") {
      told.push(make("p", found.name, "what"), make("p", "Machines " + rule.machines + ": not one of these images, whatever the release."));
    } else {
      told.push(make("p", "None", "what"), make("p", "The server looks for " + found.name + " in " + region.value + ", which is not there: the machine does not start."));
    }
    box.replaceChildren(...told);
    withButtons(box);
  };
  fill(server, data.servers.map((each, number) => [String(number), each.name]));
  fill(cloud, data.clouds.map((each) => [each.id, each.name]));
  cloud.value = state.get("cloud") || cloud.value;
  if (!cloud.value) cloud.selectedIndex = 0;
  regions();
  region.value = state.get("region") || region.value;
  if (!region.value) region.selectedIndex = 0;
  machine.value = state.get("machine") || "";
  cloud.addEventListener("change", () => { machine.value = ""; regions(); });
  for (const field of [server, cloud, region, machine]) {
    field.addEventListener("input", () => {
      answer();
      keep("cloud", cloud.value);
      keep("region", region.value);
      keep("machine", machine.value);
    });
    field.addEventListener("change", answer);
  }
  at("finder").addEventListener("submit", (event) => event.preventDefault());
  at("finder").hidden = false;
  answer();

  // Search: every word has to be somewhere in an image.
  const images = [...document.querySelectorAll("#list > .image")].map((element) =>
    [element, element.textContent.toLowerCase()]);
  const query = at("query");
  const search = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [element, text] of images) {
      const fits = words.every((word) => text.includes(word));
      element.hidden = !fits;
      shown += fits;
    }
    at("count").textContent = words.length ? shown + " of " + images.length + " images" : images.length + " images";
  };
  query.value = state.get("q") || "";
  query.addEventListener("input", () => { search(); keep("q", query.value.trim()); });
  at("search").addEventListener("submit", (event) => event.preventDefault());
  at("search").hidden = false;
  search();
})();
