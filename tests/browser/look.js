// What the tests ask of a page that is open: an expression whose value is an object of functions.
(() => {
  const wide = document.documentElement;
  const INTERACTIVE = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';

  // Enough to find an element by in a message of a test
  const name = (element) => {
    const own = element.id ? `#${element.id}` : [...element.classList].map((each) => `.${each}`).join('');
    return `<${element.localName}${own}> ${(element.textContent || element.value || '').trim().slice(0, 60)}`;
  };
  const shown = (element) =>
    element.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const inScroller = (element) => {
    for (let each = element; each && each !== document.body; each = each.parentElement) if (scrolls(each)) return true;
    return false;
  };
  // for readers of the page aloud only: a box of one pixel
  const unseen = (element) => element.clientWidth <= 1 || element.clientHeight <= 1;
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());

  // Elements that stick out of the page's width or of their own box, or whose text is cut off
  const overflow = () => {
    const found = [];
    if (wide.scrollWidth > window.innerWidth) found.push(`document: ${wide.scrollWidth} of ${window.innerWidth} px`);
    for (const element of all('body *')) {
      if (!shown(element) || unseen(element) || inScroller(element)) continue;
      if (element.namespaceURI.endsWith('svg') || !hasText(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.right <= 0 || box.bottom + window.scrollY <= 0) continue; // a link that comes into sight with the focus
      if (box.right > window.innerWidth + 1 || box.left < -1) found.push(`beside the page: ${name(element)}`);
      else if (element.clientWidth && element.scrollWidth > element.clientWidth + 1)
        found.push(`${element.scrollWidth} of ${element.clientWidth} px: ${name(element)}`);
    }
    return found;
  };

  // Words of headings and controls that are broken within, and texts of a drawing that lie over each other
  const broken = () => {
    const found = [];
    for (const element of all('th, .use td, button, label, summary, h1, h2, h3, nav a')) {
      if (!shown(element)) continue;
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        for (const match of walker.currentNode.data.matchAll(/[^\s_/]{2,20}/g)) {
          const range = document.createRange();
          range.setStart(walker.currentNode, match.index);
          range.setEnd(walker.currentNode, match.index + match[0].length);
          if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(`broken: ${match[0]}`);
        }
      }
    }
    for (const drawing of all('svg')) {
      const texts = [...drawing.querySelectorAll('text')].filter((each) => each.textContent.trim());
      const boxes = texts.map((each) => each.getBoundingClientRect());
      for (let i = 0; i < boxes.length; i++)
        for (let j = i + 1; j < boxes.length; j++) {
          const [a, b] = [boxes[i], boxes[j]];
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 1 && high > a.height / 2)
            found.push(`over each other: ${texts[i].textContent} | ${texts[j].textContent}`);
        }
    }
    return found;
  };

  // Of the radio buttons of one group only one is a stop of the Tab key
  const stops = () => all(INTERACTIVE).filter((each) => shown(each) && !each.disabled && each.tabIndex >= 0
    && (each.type !== 'radio' || each.checked || !document.querySelector(`input[name="${each.name}"]:checked`)));

  // Numbers every stop, and remembers how it looks without the focus
  const LOOKS = ['outlineStyle', 'outlineWidth', 'boxShadow', 'backgroundColor', 'borderColor', 'textDecorationLine'];
  const look = (element) => {
    const style = getComputedStyle(element);
    return LOOKS.map((each) => style[each]).join('|');
  };
  const number = () => {
    document.activeElement?.blur();
    window.__stops = stops();
    window.__looks = window.__stops.map(look);
    return window.__stops.map(name);
  };
  // The number of the stop that has the focus, -1 for none of them, and whether a reader sees that it has it
  const focused = () => {
    const element = document.activeElement;
    const place = window.__stops.indexOf(element);
    return { place, name: name(element), visible: place < 0 || look(element) !== window.__looks[place] };
  };

  // Elements that a page of ours never has, and what covers the page
  const foreign = () => {
    const wrong = all('form[action], iframe, frame, object, embed, base, applet, link, meta[http-equiv="refresh" i], audio, video')
      .map((each) => `element ${name(each)}`);
    for (const element of all('*')) {
      for (const { name: attribute, value } of element.attributes)
        if (/^on/i.test(attribute) || /^[\s\x00-\x1f]*(javascript|vbscript|data:text)\s*/i.test(value))
          wrong.push(`attribute ${attribute} of ${name(element)}`);
      if (getComputedStyle(element).position === 'fixed') {
        const box = element.getBoundingClientRect();
        if (box.width * box.height > window.innerWidth * window.innerHeight / 2) wrong.push(`covers: ${name(element)}`);
      }
    }
    if (document.baseURI !== document.URL) wrong.push(`base ${document.baseURI}`);
    return wrong;
  };
  // The first heading is where a reader sees it
  const headed = () => {
    const heading = document.querySelector('h1');
    if (!heading || !shown(heading)) return false;
    heading.scrollIntoView({ block: 'center' });
    const box = heading.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + Math.min(box.width, innerWidth) / 2, box.top + box.height / 2);
    return heading.contains(top) || top.contains(heading);
  };

  const moving = () => all('*').filter((each) => {
    const style = getComputedStyle(each);
    return [style.transitionDuration, style.animationDuration].some((text) => text.split(',').some((t) => parseFloat(t) > 0.01));
  }).map(name);
  // The mean of red, green and blue of what stands behind the text, from 0 to 1; a page without a colour has the browser's
  const lightness = () => {
    const behind = [document.body, wide].map((each) => getComputedStyle(each).backgroundColor);
    const opaque = behind.find((colour) => !/, 0\)$/.test(colour)) || 'rgb(255, 255, 255)';
    const [red, green, blue] = opaque.match(/[\d.]+/g).map(Number);
    return (red + green + blue) / 3 / 255;
  };
  const targeted = () => {
    const box = document.querySelector(':target')?.getBoundingClientRect();
    return Boolean(box) && box.top < window.innerHeight && box.bottom > 0;
  };

  return { overflow, broken, number, focused, foreign, headed, moving, lightness, targeted };
})()
