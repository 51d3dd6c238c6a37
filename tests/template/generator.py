"""Makes expressions at random, the same ones for the same seed."""

import random

NUMBERS = ["0", "1", "2", "3", "7", "-1", "-4", "10", "255", "1000", "0.5", "1.5", "2.25", "-0.1",
           "3.0", "1e3", "0x1f", "0b101", "1_000", "n", "pi2"]
TEXTS = ["''", "'a'", "'Abc'", "'hello world'", "'12'", "'3.5'", "' x '", "'a,b,,c'", "'äöü'",
         "'🙂 ok'", "'line\\nline'", "word", "'-7'", "'A-b c'", "'x' 'y'"]
LISTS = ["[]", "[1, 2, 3]", "[3, 1, 2]", "['b', 'a', 'C']", "[1.5, 2, true]", "(1, 2)", "[[1, 2], [3]]",
         "numbers", "words", "range(5)|list", "[none, 1, '']", "[0, false, 1, true]", "'abc'|list"]
DICTS = ["{}", "{'a': 1}", "{'b': 2, 'a': [1, 2]}", "{1: 'x', 'y': none}", "person",
         "dict(a=1, b='two')"]
OTHERS = ["none", "true", "false", "missing", "person.nothing"]

NUMBER_FILTERS = ["abs", "round", "round(1)", "round(2, 'floor')", "round(0, 'ceil')", "int", "float",
                  "int(0)", "float(0)", "string", "filesizeformat", "round(1, 'half')", "is_number",
                  "bool", "add(1.5)", "multiply(2)", "tojson", "to_json", "default(1)", "pprint"]
TEXT_FILTERS = ["upper", "lower", "title", "capitalize", "trim", "length", "list", "first",
                "last", "wordcount", "replace('a', 'b')", "truncate(5)", "truncate(4, true, '')",
                "center(9)", "indent(2)", "string|reverse", "int(0)", "float(0.5)", "urlencode", "e", "striptags",
                "default('d')", "default('d', true)", "string", "join('-')", "wordwrap(5)", "tojson",
                "to_json", "is_number", "slugify", "regex_replace('[a-c]', '<>')",
                "regex_findall('[a-z]+')", "regex_match('a')", "format(1, 2)", "unique|list",
                "sort|join", "md5", "base64_encode", "select|list", "map('upper')|list"]
LIST_FILTERS = ["length", "first", "last", "list", "reverse|list", "join(', ')", "join", "sum",
                "sort", "sort(reverse=true)", "unique|list", "min", "max", "batch(2)|list",
                "slice(2)|list", "slice(3, 'x')|list", "batch(2, 0)|list", "map('string')|list",
                "select|list", "reject|list", "select('number')|list", "reject('string')|list",
                "select('gt', 1)|list", "map('int', 0)|list", "map('default', 'd')|list",
                "average(0)", "median(0)", "tojson", "to_json", "string", "flatten", "pprint",
                "sort(case_sensitive=true)", "map('abs')|list", "select('in', [1, 'a'])|list",
                "map(attribute='a')|list", "map(attribute=0)|list", "statistical_mode(0)",
                "count", "random|default(0)|int(0) is number", "intersect([1, 'a'])", "union([9])",
                "difference([1])", "symmetric_difference([1, 4])", "contains(1)"]
DICT_FILTERS = ["length", "list", "dictsort", "items|list", "tojson", "to_json", "string", "urlencode",
                "xmlattr", "dictsort(by='value')", "to_json(sort_keys=true)", "first", "combine({'z': 0})",
                "dictsort(reverse=true)", "pprint", "to_json(pretty_print=true)"]
ANY_FILTERS = ["default('none')", "default(0, true)", "string", "iif('y', 'n')", "iif", "is_number",
               "list", "length", "tojson", "typeof|lower|replace('loggingundefined', 'undefined')",
               "bool(false)", "int(-1)", "float(-1)"]
TESTS = ["defined", "undefined", "none", "number", "string", "boolean", "integer", "float", "mapping",
         "sequence", "iterable", "true", "false", "odd", "even", "lower", "upper", "divisibleby(3)",
         "divisibleby 2", "eq(1)", "ne 1", "lt(2)", "le(2)", "gt 1", "ge(1)", "in([1, 2, 'a'])",
         "sameas true", "callable", "list", "tuple", "string_like", "is_number", "contains('a')",
         "match('a')", "search('b')"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in",
          "not in", "**"]
TEXT_METHODS = ["upper()", "lower()", "strip()", "split()", "split(',')", "split(' ', 1)",
                "replace('a', 'o')", "startswith('a')", "endswith('c')", "find('b')", "count('l')",
                "title()", "swapcase()", "isdigit()", "isalpha()", "zfill(5)", "ljust(4, '.')",
                "rjust(4)", "center(6, '*')", "partition(',')", "rpartition(' ')", "splitlines()",
                "capitalize()", "lstrip('a')", "rstrip('c')", "rsplit(',', 1)", "join(['1', '2'])",
                "isupper()", "islower()", "isnumeric()", "casefold()", "removeprefix('A')",
                "format(1)", "index('a')"]
# Jinja2 has an undefined value for a slice of what has none where it is constant, else an error, so
# only what can be sliced is.
SLICES = ["[0]", "[-1]", "[1:]", "[:2]", "[::-1]", "[::2]", "[5]", "[-2:]", "[1:3]", "[3:1:-1]", "[:-1]"]


class Generator:
    def __init__(self, seed):
        self._random = random.Random(seed)

    def expression(self):
        """An expression and its parts, the shortest first."""
        parts = {}
        self._any(self._random.choice([1, 2, 2, 3, 3, 4]), parts)
        return sorted(parts, key=len)

    def _pick(self, choices):
        return self._random.choice(choices)

    def _any(self, depth, parts):
        kinds = [self._number, self._text, self._list, self._number, self._text, self._dict,
                 self._boolean, self._other]
        return self._pick(kinds)(depth, parts)

    # What is made is a part of its own, and what is made of it goes into brackets.
    def _made(self, text, parts):
        parts[text] = None
        return f"({text})"

    def _filtered(self, kind, filters, depth, parts):
        return self._made(f"{kind(depth - 1, parts)}|{self._pick(filters)}", parts)

    def _number(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(NUMBERS), parts)
        choice = self._random.random()
        if choice < 0.4:
            left, right = self._number(depth - 1, parts), self._number(depth - 1, parts)
            operator = self._pick(["+", "-", "*", "/", "//", "%", "**"])
            if operator == "**":  # no towers, and no complex numbers
                right = self._pick(["2", "3", "0", "-1"])
            return self._made(f"{left} {operator} {right}", parts)
        if choice < 0.8:
            return self._filtered(self._number, NUMBER_FILTERS, depth, parts)
        if choice < 0.9:
            return self._made(f"-{self._number(depth - 1, parts)}", parts)
        return self._mixed(depth, parts)

    def _text(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(TEXTS), parts)
        choice = self._random.random()
        if choice < 0.35:
            return self._filtered(self._text, TEXT_FILTERS, depth, parts)
        if choice < 0.6:
            return self._made(f"{self._text(depth - 1, parts)}.{self._pick(TEXT_METHODS)}", parts)
        if choice < 0.75:
            return self._made(f"({self._text(depth - 1, parts)}|string){self._pick(SLICES)}", parts)
        if choice < 0.9:
            return self._made(f"{self._text(depth - 1, parts)} {self._pick(['~', '+'])} "
                              f"{self._any(depth - 1, parts)}", parts)
        return self._mixed(depth, parts)

    def _list(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(LISTS), parts)
        choice = self._random.random()
        if choice < 0.6:
            return self._filtered(self._list, LIST_FILTERS, depth, parts)
        if choice < 0.75:
            return self._made(f"({self._list(depth - 1, parts)}|list){self._pick(SLICES)}", parts)
        if choice < 0.85:
            return self._made(f"[{self._any(depth - 1, parts)}, {self._any(depth - 1, parts)}]", parts)
        if choice < 0.92:
            return self._made(f"{self._list(depth - 1, parts)} + {self._list(depth - 1, parts)}", parts)
        return self._mixed(depth, parts)

    def _dict(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(DICTS), parts)
        if self._random.random() < 0.7:
            return self._filtered(self._dict, DICT_FILTERS, depth, parts)
        access = self._pick([".a", "['a']", ".b[0]", ".get('a', 5)", ".get('zz')", ".keys()|list",
                             ".values()|list", ".items()|list", ".zz", "['zz']|default('d')"])
        return self._made(f"{self._dict(depth - 1, parts)}{access}", parts)

    def _boolean(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(["true", "false"]), parts)
        choice = self._random.random()
        if choice < 0.35:
            word = self._pick(["is", "is not"])
            return self._made(f"{self._any(depth - 1, parts)} {word} {self._pick(TESTS)}", parts)
        if choice < 0.5:
            return self._made(f"not {self._any(depth - 1, parts)}", parts)
        if choice < 0.65:
            left, middle, right = (self._number(depth - 1, parts) for _ in range(3))
            return self._made(f"{left} {self._pick(['<', '<=', '=='])} {middle} "
                              f"{self._pick(['<', '!=', '>='])} {right}", parts)
        return self._mixed(depth, parts)

    def _other(self, depth, parts):
        if depth <= 0:
            return self._made(self._pick(OTHERS), parts)
        return self._filtered(self._other, ANY_FILTERS, depth, parts)

    def _mixed(self, depth, parts):
        """Kinds that need not go together."""
        choice = self._random.random()
        if choice < 0.6:
            operator = self._pick(BINARY)
            right = "2" if operator == "**" else self._any(depth - 1, parts)
            return self._made(f"{self._any(depth - 1, parts)} {operator} {right}", parts)
        if choice < 0.8:
            return self._made(f"{self._any(depth - 1, parts)} if {self._any(depth - 1, parts)} "
                              f"else {self._any(depth - 1, parts)}", parts)
        return self._filtered(self._any, ANY_FILTERS, depth, parts)
