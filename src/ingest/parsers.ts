type Parser = (text: string) => number | undefined;

/** The parser, refusing 0 and less. */
export function positive(parse: Parser): Parser {
  return (text) => {
    const value = parse(text);
    return value !== undefined && value > 0 ? value : undefined;
  };
}

/** The parser, refusing less than 0. */
export function notNegative(parse: Parser): Parser {
  return (text) => {
    const value = parse(text);
    return value !== undefined && value >= 0 ? value : undefined;
  };
}
