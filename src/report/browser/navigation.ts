let following: AbortController | undefined;

/** Marks the link of the section that one reads, among those that are in the page now. */
export function followSections(): void {
  following?.abort();
  following = new AbortController();
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('nav.sections a')].map((link) => [link.hash.slice(1), link]),
  );
  const sections = [...document.querySelectorAll<HTMLElement>('main > section')];
  let current: HTMLAnchorElement | undefined;
  const mark = (): void => {
    const readFrom = innerHeight * 0.3;
    const read = sections.findLast((section) => section.getBoundingClientRect().top <= readFrom) ?? sections[0];
    const link = read === undefined ? undefined : links.get(read.id);
    if (link === current) return;
    current?.removeAttribute('aria-current');
    link?.setAttribute('aria-current', 'true');
    current = link;
    showInBar(link);
  };
  addEventListener('scroll', mark, { passive: true, signal: following.signal });
  mark();
}

/** On a narrow page the bar scrolls sideways; the page itself must not move for it. */
function showInBar(link: HTMLElement | undefined): void {
  const bar = link?.closest('ul');
  if (link === undefined || bar === null || bar === undefined) return;
  bar.scrollLeft = link.offsetLeft - bar.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
}
