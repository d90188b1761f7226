use super::*;

fn strip(text: &str, starts: &[&str]) -> String {
    let (new, word) = stripped(text, Syntax::Python, starts);
    format!("{new}--- {word}")
}

#[test]
fn a_dict_of_counters() {
    insta::assert_snapshot!(strip(
        r#"import prometheus_client
from prometheus_client import Counter, Gauge
from django.shortcuts import render

# Prometheus stuff!
graphs = {}
graphs['r'] = Counter('r', 'Posts'\
  + ' of register.')
graphs['p'] = Gauge('p', 'Passwords')

def register(request):
    if request.method == 'GET':
        return render(request, "register.html")
    else:
        graphs['r'].inc()
        pword = request.POST.get('pword', None)

        # Collect data.
        # Is this right?
        if pword not in graphs.keys():
            graphs[pword] = Counter(f'counter_{pword}', 'Times '\
              + f'{pword} was used')
        graphs[pword].inc()
        if pword == '':
            return None
        return render(request, pword)

def metrics(request):
    res = []
    for key, value in graphs.items():
        res.append(prometheus_client.generate_latest(value))
    return res
"#,
        &["Counter(f'counter", "graphs[pword].inc"]
    ), @r#"
    import prometheus_client
    from prometheus_client import Counter, Gauge
    from django.shortcuts import render

    # Prometheus stuff!
    graphs = {}
    graphs['r'] = Counter('r', 'Posts'\
      + ' of register.')
    graphs['p'] = Gauge('p', 'Passwords')

    def register(request):
        if request.method == 'GET':
            return render(request, "register.html")
        else:
            graphs['r'].inc()
            pword = request.POST.get('pword', None)

            if pword == '':
                return None
            return render(request, pword)

    def metrics(request):
        res = []
        for key, value in graphs.items():
            res.append(prometheus_client.generate_latest(value))
        return res
    --- equal
    "#);
}

#[test]
fn statements_of_all_kinds() {
    insta::assert_snapshot!(strip(
        r#"from prometheus_client import Counter, Histogram

class Site:
    """A site."""
    VISITS = Counter("visits", "v", ["who"])
    limit = 3

    def __init__(self):
        self.took = Histogram("took", "t", ["who"])


SPENT = Histogram("spent", "s", ["who"])


@SPENT.labels("all").time()
def index(request):
    who = request.GET.get("who")
    with SPENT.labels(who).time():
        # Slow.
        text = """a
        b"""
        if not text:
            return None
    Site.VISITS.labels(who).inc()
    try:
        SPENT.labels(who).observe(1)
    except ValueError:
        pass
    return text


def helper(user):
    SPENT.labels(user).observe(1)


def later(user):
    for name in user:
        SPENT.labels(name).observe(1); print(name)
    if user: SPENT.labels(user).observe(1)
    else:
        SPENT.labels("x").observe(1)
    return lambda: SPENT.labels(user).observe(1)
"#,
        &["Counter(\"visits", "Histogram(\"spent", "SPENT", "Site.VISITS"]
    ), @r#"
    from prometheus_client import Histogram

    class Site:
        """A site."""
        limit = 3

        def __init__(self):
            self.took = Histogram("took", "t", ["who"])


    def index(request):
        # Slow.
        text = """a
            b"""
        if not text:
            return None
        return text


    def helper(user):
        pass


    def later(user):
        for name in user:
            print(name)
        return lambda: None
    --- equal
    "#);
}

#[test]
fn entries_of_dict_displays_and_arguments_with_effects() {
    insta::assert_snapshot!(strip(
        r#"from prometheus_client import Counter

graphs = {
    "opened": Counter("opened", "Opened", ["by"]),  # who
    # Errors.
    "errors": Counter("errors", "Errors"),
}
more = {"opened": Counter("opened2", "Opened", ["by"]), "x": 1}
only = {
    "a": Counter("opened3", "Opened", ["by"]),
}


def view(request):
    graphs["opened"].labels(request.user).inc()
    more["opened"].labels(request.user).inc()
    only["a"].labels(fetch_user()).inc()
"#,
        &["Counter(\"opened", "graphs[\"opened\"]", "more", "only"]
    ), @r#"
    from prometheus_client import Counter

    graphs = {
        # Errors.
        "errors": Counter("errors", "Errors"),
    }
    more = {"x": 1}
    only = {}


    def view(request):
        pass
    --- `shop.views.view` would do something else
    "#);
}

#[test]
fn line_ends_tabs_and_blank_lines_stay() {
    let text = "from prometheus_client import Counter\r\n\r\nC = Counter('c', 'c')\r\nD = Counter('d', 'd')\r\n\r\n\r\ndef f(x):\r\n\tif x:\r\n\t\tC.inc()  # how often\r\n\tD.inc(); C.inc()\r\n\treturn x  # same\r\n\r\n\r\nC.inc()\r\n";
    let (new, word) = stripped(text, Syntax::Python, &["Counter('c'", "C.inc"]);
    assert_eq!(word, "equal");
    assert_eq!(
        new,
        "from prometheus_client import Counter\r\n\r\nD = Counter('d', 'd')\r\n\r\n\r\ndef f(x):\r\n\tD.inc()\r\n\treturn x  # same\r\n"
    );
}

const SHOP: &str = r#"from prometheus_client import Counter
from shop import store

ORDERS = Counter("orders", "Orders", ["who"])
BOUGHT = Counter("bought", "Bought")


def buy(request, card):
    who = request.POST.get("who")
    if card.spent:
        ORDERS.labels(who).inc()
        return None
    if store.lock(card):
        ORDERS.labels(who).inc()
    try:
        store.save(card)
        BOUGHT.inc()
    except ValueError:
        store.log("404")
        raise
    with store.open(who) as place:
        ORDERS.labels(who).inc()
        place.put(card)
    return store.answer(card, 200)
"#;

#[test]
fn the_proof_refuses_ten_wrong_cuts() {
    let starts = ["Counter(\"orders", "ORDERS"];
    let (right, word, gone) = cut(SHOP, Syntax::Python, &starts);
    assert_eq!(word, "equal");
    let before = program(SHOP, Syntax::Python);
    let calls = calls(&before, SHOP, &starts);
    // A wrong cut says that it is right: what it takes counts as touched.
    let judged = |text: &str, cut: &str| {
        let start = SHOP.find(cut).unwrap_or(0);
        let more = Location::new(FileId(0), crate::source::Span::new(start as u32, (start + cut.len()) as u32));
        let touched: Vec<Location> = gone.iter().copied().chain([more]).collect();
        judge(&before, &program(text, Syntax::Python), &calls, &touched).equal
    };
    assert!(judged(&right, ""), "{right}");
    let wrong = [
        ("one statement too many", "        store.save(card)\n", ""),
        ("a guard whose test does something", "    if store.lock(card):\n        pass\n", ""),
        ("the other counter's increment", "        BOUGHT.inc()\n", ""),
        ("another order", "        store.log(\"404\")\n        raise\n", "        raise\n        store.log(\"404\")\n"),
        ("a constant", "200", "204"),
        ("a text", "\"404\"", "\"405\""),
        ("a return", "        return None\n", "        pass\n"),
        ("a raise", "        raise\n", "        return None\n"),
        ("a context manager", "with store.open(who) as place:", "if store.open(who) as place:"),
        ("a handler's class", "except ValueError:", "except KeyError:"),
        ("a guard around a return", "    if card.spent:\n        return None\n", ""),
        ("a test turned round", "if card.spent:", "if not card.spent:"),
        ("an import in use", "from shop import store\n", ""),
        ("the other counter", "BOUGHT = Counter(\"bought\", \"Bought\")\n", ""),
        ("another argument", "place.put(card)", "place.put(who)"),
    ];
    for (what, from, to) in wrong {
        let to = to.replace("if store.open(who) as place:", "for place in store.open(who):");
        let mutant = right.replacen(from, &to, 1);
        assert_ne!(mutant, right, "{what}: nothing to break in\n{right}");
        assert!(!judged(&mutant, from), "{what} goes through:\n{mutant}");
    }
    let left = SHOP.replacen("        ORDERS.labels(who).inc()\n        return", "        return", 1);
    assert!(!judged(&left, ""), "a recording that stays goes through");
}
