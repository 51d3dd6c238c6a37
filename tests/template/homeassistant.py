"""Home Assistant's functions, filters and tests for templates, said again from its documentation.

What Jinja2 itself has is taken from Jinja2; here is what Home Assistant adds or changes, as far as
it needs no more than Python's library. The clock stands still and the states are given.
"""

import base64
import hashlib
import json
import math
import operator
import random
import re
import statistics
import unicodedata
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import jinja2
from jinja2.filters import do_int
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOTHING = object()  # no default was given


class Invalid(ValueError):
    """What Home Assistant raises where there is no default."""


def or_default(default, name, value):
    if default is NOTHING:
        raise Invalid(f"{name} got invalid input {value!r}")
    return default


# ---- Numbers -------------------------------------------------------------------------------------

def to_float(value, default=NOTHING):
    try:
        return float(value)
    except (ValueError, TypeError):
        return or_default(default, "float", value)


def to_int(value, default=NOTHING, base=10):
    result = do_int(value, default=default, base=base)
    return or_default(default, "int", value) if result is NOTHING else result


def to_bool(value, default=NOTHING):
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower().strip()
        if word in ("1", "true", "yes", "on", "enable"):
            return True
        if word in ("0", "false", "no", "off", "disable"):
            return False
    elif isinstance(value, (int, float)):
        return value != 0
    return or_default(default, "bool", value)


def is_number(value):
    try:
        return math.isfinite(float(value))
    except (ValueError, TypeError):
        return False


def round_(value, precision=0, method="common", default=NOTHING):
    try:
        number = float(value)
        factor = float(10 ** precision)
        if method == "ceil":
            number = math.ceil(number * factor) / factor
        elif method == "floor":
            number = math.floor(number * factor) / factor
        elif method == "half":
            number = round(number * 2) / 2
        else:
            number = round(number, precision)
        return int(number) if precision == 0 else number
    except (ValueError, TypeError):
        return or_default(default, "round", value)


def of_number(name, function):
    def called(value, default=NOTHING):
        try:
            return function(float(value))
        except (ValueError, TypeError):
            return or_default(default, name, value)
    return called


def log(value, base=math.e, default=NOTHING):
    try:
        return math.log(float(value), float(base))
    except (ValueError, TypeError):
        return or_default(default, "log", value)


def atan2(*args, default=NOTHING):
    if 1 <= len(args) <= 2 and isinstance(args[0], (list, tuple)):
        if len(args) == 2 and default is NOTHING:
            default = args[1]
        args = tuple(args[0])
    elif len(args) == 3 and default is NOTHING:
        default = args[2]
    try:
        return math.atan2(float(args[0]), float(args[1]))
    except (ValueError, TypeError):
        return or_default(default, "atan2", args)


def add(value, amount, default=NOTHING):
    try:
        return float(value) + amount
    except (ValueError, TypeError):
        return or_default(default, "add", value)


def multiply(value, amount, default=NOTHING):
    try:
        return float(value) * amount
    except (ValueError, TypeError):
        return or_default(default, "multiply", value)


def statistic(name, function):
    def called(*args, default=NOTHING):
        if not args:
            raise TypeError(f"{name} needs an argument")
        values = args
        if hasattr(args[0], "__iter__"):
            values = args[0]
            if len(args) > 1 and default is NOTHING:
                default = args[1]
        elif len(args) == 1:
            raise TypeError(f"{name} needs a list")
        try:
            return function(values)
        except (TypeError, statistics.StatisticsError):
            return or_default(default, name, args)
    return called


def mode(*args, default=NOTHING):
    if not args:
        raise TypeError("statistical_mode needs an argument")
    values = args
    if len(args) == 1:
        if not hasattr(args[0], "__iter__"):
            raise TypeError("statistical_mode needs a list")
        values = args[0]
    elif isinstance(args[0], (list, tuple)):
        values = args[0]
        if default is NOTHING:
            default = args[1]
    try:
        return statistics.mode(values)
    except (TypeError, statistics.StatisticsError):
        return or_default(default, "statistical_mode", args)


def extreme(name):
    @jinja2.pass_environment
    def called(environment, *args, **kwargs):
        if not args:
            raise TypeError(f"{name} needs an argument")
        if len(args) == 1 and not hasattr(args[0], "__iter__"):
            raise TypeError(f"{name} needs a list")
        return environment.filters[name](environment, args[0] if len(args) == 1 else args, **kwargs)
    return called


def clamp(value, min_value, max_value):
    return max(float(min_value), min(float(max_value), float(value)))


def wrap(value, min_value, max_value):
    low, high = float(min_value), float(max_value)
    return low if low == high else (float(value) - low) % (high - low) + low


def remap(value, in_min, in_max, out_min, out_max, *, steps=0, edges="none"):
    value, a, b, c, d = (float(each) for each in (value, in_min, in_max, out_min, out_max))
    if edges == "clamp":
        value = max(a, min(b, value))
    elif edges in ("wrap", "mirror"):
        if a == b:
            raise ValueError("the same")
        if edges == "wrap":
            value = (value - a) % (b - a) + a
        else:
            offset = value - a
            period = math.floor(offset / (b - a))
            within = offset - period * (b - a)
            value = a + ((b - a) - within if period < 0 or period % 2 else within)
    if steps <= 0 and a == c and b == d:
        return value
    part = (value - a) / (b - a)
    if steps > 0:
        part = round(part * steps) / steps
    return c + part * (d - c)


# ---- Texts ---------------------------------------------------------------------------------------

def compiled(find, ignorecase):
    return re.compile(find, re.IGNORECASE if ignorecase else 0)


def regex_match(value, find="", ignorecase=False):
    return bool(compiled(find, ignorecase).match(str(value)))


def regex_search(value, find="", ignorecase=False):
    return bool(compiled(find, ignorecase).search(str(value)))


def regex_replace(value="", find="", replace="", ignorecase=False):
    return compiled(find, ignorecase).sub(replace, str(value))


def regex_findall(value, find="", ignorecase=False):
    return compiled(find, ignorecase).findall(str(value))


def regex_findall_index(value, find="", index=0, ignorecase=False):
    return regex_findall(value, find, ignorecase)[index]


def slugify(value, separator="_"):
    text = str(value)
    if not text:
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return (slug or "unknown").replace("_", separator)


def ordinal(value):
    text = str(value)
    last = int(text[-1])
    if int(text[-2:]) % 100 in (11, 12, 13):
        return text + "th"
    return text + {1: "st", 2: "nd", 3: "rd"}.get(last, "th")


def digest(name):
    return lambda value: hashlib.new(name, value.encode()).hexdigest()


def base64_encode(value):
    return base64.b64encode(value.encode()).decode()


def base64_decode(value, encoding="utf-8"):
    return base64.b64decode(value).decode(encoding)


def refuse(value):
    raise TypeError(f"{type(value).__name__} is not JSON")


def with_text_keys(value):
    """What Home Assistant's library does before it sorts."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): with_text_keys(item)
                for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_text_keys(item) for item in value]
    return value


def to_json(value, ensure_ascii=False, pretty_print=False, sort_keys=False):
    if ensure_ascii:
        return json.dumps(value, indent=2 if pretty_print else None, sort_keys=sort_keys)
    if sort_keys:
        value = with_text_keys(value)
    return json.dumps(value, ensure_ascii=False, indent=2 if pretty_print else None,
                      sort_keys=sort_keys, default=refuse,
                      separators=(",", ": ") if pretty_print else (",", ":"))


def from_json(value, default=NOTHING):
    if isinstance(value, str):
        try:
            return json.loads(value, parse_constant=refuse)
        except (ValueError, TypeError):
            pass
    return or_default(default, "from_json", value)


# ---- Lists ---------------------------------------------------------------------------------------

def want_list(value):
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError("a list is expected")
    return value


def flatten(value, levels=None):
    out = []
    for item in want_list(value):
        nested = hasattr(item, "__iter__") and not isinstance(item, str)
        if nested and (levels is None or levels >= 1):
            out += flatten(item, None if levels is None else levels - 1)
        else:
            out.append(item)
    return out


def set_operation(keep):
    def called(value, other):
        left, right = dict.fromkeys(want_list(value)), dict.fromkeys(want_list(other))
        return [item for item in {**left, **right} if keep(item in left, item in right)]
    return called


def combine(*args, recursive=False):
    if not args:
        raise TypeError("combine needs an argument")
    result = {}
    for each in args:
        if not isinstance(each, dict):
            raise TypeError("combine needs dictionaries")
        for key, value in each.items():
            both = recursive and isinstance(result.get(key), dict) and isinstance(value, dict)
            result[key] = combine(result[key], value, recursive=True) if both else value
    return result


# ---- Functions -----------------------------------------------------------------------------------

def iif(value, if_true=True, if_false=False, if_none=NOTHING):
    if value is None and if_none is not NOTHING:
        return if_none
    return if_true if value else if_false


def apply(value, fn, *args, **kwargs):
    return fn(value, *args, **kwargs)


def as_function(macro):
    def called(*args, **kwargs):
        box = [None]

        def returns(value):
            box[0] = value
            return value
        macro(*args, **kwargs, returns=returns)
        return box[0]
    return called


def is_defined(value):
    return value() if isinstance(value, Undefined) else value


# ---- Times ---------------------------------------------------------------------------------------

UNITS = (("year", 365 * 86400), ("month", 30 * 86400), ("day", 86400), ("hour", 3600),
         ("minute", 60), ("second", 1))


def in_words(seconds, precision):
    if seconds == 0:
        return "0 seconds"
    words = []
    for unit, size in UNITS:
        if seconds < size:
            continue
        last = len(words) + 1 == precision
        number = round(seconds / size) if last else int(seconds // size)
        words.append(f"{number} {unit}" + ("" if number == 1 else "s"))
        if last:
            break
        seconds -= number * size
    return " ".join(words)


class Times:
    """What depends on the clock and the zone."""

    def __init__(self, now, zone):
        self.instant = datetime.fromisoformat(now)
        self.zone = ZoneInfo(zone)

    def now(self):
        return self.instant.astimezone(self.zone)

    def utcnow(self):
        return self.instant.astimezone(timezone.utc)

    def today_at(self, time_str=""):
        today = self.now().date()
        clock = time(0, 0)
        if time_str:
            parts = [int(part) for part in str(time_str).split(":")]
            if len(parts) < 2:
                raise ValueError("no time")
            clock = time(*parts[:3])
        return datetime.combine(today, clock, self.zone)

    def parse(self, text):
        found = re.fullmatch(
            r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,12}))?)?"
            r"(Z|[+-]\d\d(?::?\d\d)?)?)?", text)
        if not found:
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        micro = int((found[7] or "0")[:6].ljust(6, "0"))
        zone = None
        if found[8] == "Z":
            zone = timezone.utc
        elif found[8]:
            digits = found[8][1:].replace(":", "")
            offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
            zone = timezone(-offset if found[8][0] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, micro, zone)

    def as_datetime(self, value, default=NOTHING):
        if type(value) is datetime:
            return value
        if type(value) is date:
            return datetime.combine(value, time(0, 0))
        try:
            return datetime.fromtimestamp(float(value), timezone.utc)
        except (ValueError, TypeError):
            pass
        try:
            if isinstance(value, str) and (parsed := self.parse(value)) is not None:
                return parsed
        except ValueError:
            pass
        if isinstance(value, str) and default is NOTHING:
            return None
        return or_default(default, "as_datetime", value)

    def with_zone(self, value):
        return value if value.tzinfo else value.replace(tzinfo=self.zone)

    def as_timestamp(self, value, default=NOTHING):
        try:
            parsed = value if isinstance(value, datetime) else self.parse(str(value))
            if parsed is not None:
                return self.with_zone(parsed).timestamp()
        except ValueError:
            pass
        return or_default(default, "as_timestamp", value)

    def as_local(self, value):
        return self.with_zone(value).astimezone(self.zone)

    @staticmethod
    def strptime(string, fmt, default=NOTHING):
        try:
            return datetime.strptime(string, fmt)
        except (ValueError, AttributeError, TypeError):
            return or_default(default, "strptime", string)

    def stamp(self, name, render):
        def called(value, *args, default=NOTHING, **kwargs):
            try:
                return render(datetime.fromtimestamp(value, timezone.utc), *args, **kwargs)
            except (ValueError, TypeError):
                return or_default(default, name, value)
        return called

    def timestamp_custom(self, value, date_format="%Y-%m-%d %H:%M:%S", local=True, default=NOTHING):
        try:
            at = datetime.fromtimestamp(value, timezone.utc)
        except (ValueError, TypeError):
            return or_default(default, "timestamp_custom", value)
        return (at.astimezone(self.zone) if local else at).strftime(date_format)

    def timestamp_local(self, value, default=NOTHING):
        return self.stamp("timestamp_local",
                          lambda at: at.astimezone(self.zone).isoformat())(value, default=default)

    def timestamp_utc(self, value, default=NOTHING):
        return self.stamp("timestamp_utc", lambda at: at.isoformat())(value, default=default)

    def distance(self, value, sign, precision):
        if not isinstance(value, datetime):
            return value
        value = self.with_zone(value)
        seconds = sign * (self.instant - value).total_seconds()
        return value if seconds < 0 else in_words(seconds, precision)

    def time_since(self, value, precision=1):
        return self.distance(value, 1, precision)

    def time_until(self, value, precision=1):
        return self.distance(value, -1, precision)

    def relative_time(self, value):
        return self.distance(value, 1, 1)

    @staticmethod
    def as_timedelta(value):
        found = re.fullmatch(
            r"(?:(-?\d+) (?:days? ?,? ?)?)?([-+]?)(?:(?:(\d+):(?=\d+:\d+))?(?:(\d+):)?(\d+(?:\.\d+)?))",
            value)
        if found:
            sign = -1 if found[2] == "-" else 1
            return timedelta(days=int(found[1] or 0)) + sign * timedelta(
                hours=int(found[3] or 0), minutes=int(found[4] or 0), seconds=float(found[5]))
        found = re.fullmatch(
            r"([-+]?)P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?", value)
        if not found:
            return None
        length = timedelta(days=float(found[2] or 0), hours=float(found[3] or 0),
                           minutes=float(found[4] or 0), seconds=float(found[5] or 0))
        return -length if found[1] == "-" else length


# ---- States --------------------------------------------------------------------------------------

class State:
    def __init__(self, data, now):
        self.entity_id = data["entity_id"]
        self.state = data["state"]
        self.attributes = dict(sorted(data["attributes"].items()))
        self.domain, self.object_id = self.entity_id.split(".")
        self.name = self.attributes.get("friendly_name") or self.object_id.replace("_", " ")
        self.last_changed = self.last_updated = self.last_reported = datetime.fromisoformat(now)

    @property
    def state_with_unit(self):
        unit = self.attributes.get("unit_of_measurement")
        return f"{self.state} {unit}" if unit else self.state


def check_name(name):
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise jinja2.TemplateError(f"{name} is no name")


class Domain:
    def __init__(self, all_states, domain):
        self._all = all_states
        self._domain = domain

    def __getattr__(self, name):
        check_name(name)
        return self._all.get(f"{self._domain}.{name}")

    __getitem__ = __getattr__

    def __iter__(self):
        return (state for state in self._all if state.domain == self._domain)

    def __len__(self):
        return len(list(iter(self)))


class States:
    def __init__(self, states):
        self._states = {state.entity_id: state for state in sorted(states, key=lambda s: s.entity_id)}

    def get(self, entity_id):
        return self._states.get(entity_id.lower())

    def __getattr__(self, name):
        if "." in name:
            return self.get(name)
        check_name(name)
        return Domain(self, name)

    __getitem__ = __getattr__

    def __iter__(self):
        return iter(self._states.values())

    def __len__(self):
        return len(self._states)

    def __call__(self, entity_id, rounded=NOTHING, with_unit=False):
        state = self.get(entity_id)
        if state is None:
            return "unknown"
        return state.state_with_unit if with_unit else state.state

    def state_attr(self, entity_id, name):
        state = self.get(entity_id)
        return state.attributes.get(name) if state else None

    def is_state(self, entity_id, state):
        found = self.get(entity_id)
        return found is not None and (
            found.state == state or (isinstance(state, list) and found.state in state))

    def is_state_attr(self, entity_id, name, value):
        found = self.get(entity_id)
        return found is not None and name in found.attributes and found.attributes[name] == value

    def has_value(self, entity_id):
        found = self.get(entity_id)
        return found is not None and found.state not in ("unknown", "unavailable")

    def expand(self, *args):
        left, found = list(args), {}
        while left:
            entity = left.pop()
            if isinstance(entity, str):
                entity = self.get(entity)
            if isinstance(entity, State):
                if entity.domain in ("group", "zone"):
                    left += entity.attributes.get(
                        "entity_id" if entity.domain == "group" else "persons") or []
                else:
                    found.setdefault(entity.entity_id, entity)
            elif entity is not None and hasattr(entity, "__iter__"):
                left += entity
        return list(found.values())


# ---- The environment -----------------------------------------------------------------------------

class Environment(ImmutableSandboxedEnvironment):
    """As Home Assistant renders with."""

    def __init__(self, now, zone, states):
        super().__init__(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"])
        times = Times(now, zone)
        world = States(State(state, now) for state in states)
        self._forget_markup()
        self._add_numbers()
        self._add_texts()
        self._add_lists()
        self._add_times(times)
        self._add_states(world)

    def is_safe_attribute(self, obj, attr, value):
        if isinstance(obj, (States, Domain, State)):
            return not attr.startswith("_")
        return super().is_safe_attribute(obj, attr, value)

    def _forget_markup(self):
        """Here a text is a text: what was escaped once is not known to be."""
        def plain(function):
            called = lambda *args, **kwargs: str(function(*args, **kwargs))
            called.jinja_pass_arg = getattr(function, "jinja_pass_arg", None)
            return called
        for name in ("e", "escape", "forceescape", "safe", "tojson"):
            self.filters[name] = plain(self.filters[name])

    def both(self, **functions):
        self.filters.update(functions)
        self.globals.update(functions)

    def _add_numbers(self):
        functions = {name: of_number(name, getattr(math, name))
                     for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sqrt")}
        self.both(**functions, log=log, atan2=atan2, float=to_float, int=to_int, bool=to_bool,
                  is_number=is_number, clamp=clamp, wrap=wrap, remap=remap,
                  average=statistic("average", statistics.fmean),
                  median=statistic("median", statistics.median), statistical_mode=mode,
                  bitwise_and=operator.and_, bitwise_or=operator.or_, bitwise_xor=operator.xor)
        self.filters.update(round=round_, add=add, multiply=multiply)
        self.globals.update(pi=math.pi, e=math.e, tau=math.tau, inf=math.inf,
                            min=extreme("min"), max=extreme("max"))
        self.tests["is_number"] = is_number

    def _add_texts(self):
        self.both(slugify=slugify, md5=digest("md5"), sha1=digest("sha1"), sha256=digest("sha256"),
                  sha512=digest("sha512"))
        self.filters.update(
            regex_match=regex_match, regex_search=regex_search, regex_replace=regex_replace,
            regex_findall=regex_findall, regex_findall_index=regex_findall_index, ordinal=ordinal,
            base64_encode=base64_encode, base64_decode=base64_decode, to_json=to_json,
            from_json=from_json, ord=ord)
        self.tests.update(match=regex_match, search=regex_search)

    def _add_lists(self):
        self.both(flatten=flatten, intersect=set_operation(lambda a, b: a and b),
                  difference=set_operation(lambda a, b: a and not b),
                  union=set_operation(lambda a, b: True),
                  symmetric_difference=set_operation(lambda a, b: a != b), combine=combine,
                  iif=iif, apply=apply, as_function=as_function,
                  typeof=lambda value: value.__class__.__name__)
        self.globals.update(zip=zip, set=set, tuple=tuple)
        self.filters.update(contains=operator.contains, is_defined=is_defined,
                            random=lambda values: random.choice(values))
        self.tests.update(
            contains=operator.contains, apply=apply, list=lambda v: isinstance(v, list),
            set=lambda v: isinstance(v, set), tuple=lambda v: isinstance(v, tuple),
            datetime=lambda v: isinstance(v, datetime),
            string_like=lambda v: isinstance(v, (str, bytes)))

    def _add_times(self, times):
        self.both(as_datetime=times.as_datetime, as_timestamp=times.as_timestamp,
                  as_local=times.as_local, as_timedelta=times.as_timedelta,
                  relative_time=times.relative_time, time_since=times.time_since,
                  time_until=times.time_until, today_at=times.today_at)
        self.globals.update(now=times.now, utcnow=times.utcnow, strptime=times.strptime,
                            timedelta=timedelta)
        self.filters.update(timestamp_custom=times.timestamp_custom,
                            timestamp_local=times.timestamp_local,
                            timestamp_utc=times.timestamp_utc)

    def _add_states(self, world):
        self.both(state_attr=world.state_attr, expand=world.expand, has_value=world.has_value)
        self.filters["states"] = world
        self.globals.update(states=world, is_state=world.is_state,
                            is_state_attr=world.is_state_attr)
        self.tests.update(has_value=world.has_value, is_state=world.is_state,
                          is_state_attr=world.is_state_attr)
