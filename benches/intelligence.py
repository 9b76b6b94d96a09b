#!/usr/bin/env python3
"""Runs every scorer over the data that ORRERY_BENCH_DATA points to, through the `orrery` command
line, and writes the figures beside those of other tools into docs/intelligence.md.

Each part is a function `part(data, out)`: it runs `orrery` over the files in `data`, leaves what
it makes in the folder `out`, and answers rows (what, ours, to beat). `{data}/scorers` has the
scorers; they want Python with pandas, numpy, scipy and duckdb."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "intelligence.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def orrery(*args):
    """Runs the program; ORRERY_BIN names it, else it is looked for where it is built."""
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    places = [built / "release" / "orrery", built / "debug" / "orrery"]
    program = os.environ.get("ORRERY_BIN") or next((str(p) for p in places if p.exists()), None)
    if program is None:
        sys.exit("intelligence: there is no orrery to measure. Run `make server`, or set ORRERY_BIN.")
    subprocess.run([program, *map(str, args)], check=True)


def scorer(data, name, *args):
    """What a scorer prints."""
    done = subprocess.run([sys.executable, str(data / "scorers" / name), *map(str, args)], check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout


def forecast(data, out):
    """Forecasts of all public series."""
    folder = data / "forecast" / "public"
    train = [arg for name in ("monthly", "quarterly", "weekly", "daily", "hourly") for arg in ("--train", folder / f"{name}_train.csv")]
    orrery("forecast", *train, "--meta", folder / "meta.csv", "--out", out / "forecast.csv")
    text = scorer(data, "summary_forecast.py", "public", out / "forecast.csv")
    # The last table is the overall one.
    lines = [line.split() for line in text.strip().split("\n\n")[-1].splitlines()]
    ours = dict(zip(lines[0], next(line for line in lines[1:] if line[0] == "Orrery")))
    beat = {"sMAPE": "12.07", "MASE": "1.083", "cov80": "0.791", "cov95": "0.913", "MSIS95": "9.02"}
    names = {"cov80": "coverage of 80 % bands", "cov95": "coverage of 95 % bands"}
    rows = [(f"forecasts, {names.get(k, k)}", ours[k], v) for k, v in beat.items()]
    return rows + [("forecasts, median seconds a series", ours["s_med"], "0.1")]


def detect(data, out):
    """Anomalies in series and tables, and models on small tables."""
    import csv
    import re

    folder = data / "anomaly" / "public"
    orrery("detect", folder / "timeseries", "--out", out / "series.csv")
    text = scorer(data, "score_anomaly.py", "public", out / "series.csv")
    nab = re.search(r"NAB standard ([-\d.]+)", text)[1]
    event = re.search(r"best event F1 ([\d.]+)", text)[1]
    orrery("detect", folder / "tabular", "--out", out / "tables.csv")
    with open(out / "tables.csv", newline="") as file:
        scores = {}
        for row in csv.DictReader(file):
            scores.setdefault(row["file"], []).append(float(row["score"]))
    areas, precisions = [], []
    for name, given in scores.items():
        with open(folder / "tabular" / name, newline="") as file:
            truth = [float(row["label"]) > 0 for row in csv.DictReader(file)]
        # The area under the ROC curve by ranks, ties in the middle; average precision by thresholds.
        order = sorted(range(len(given)), key=lambda i: -given[i])
        odd, others = sum(truth), len(truth) - sum(truth)
        found = seen = start = 0
        pairs = precision = 0.0
        while start < len(order):
            end = start
            while end < len(order) and given[order[end]] == given[order[start]]:
                end += 1
            hits = sum(truth[i] for i in order[start:end])
            misses = end - start - hits
            pairs += misses * (found + hits / 2)
            found, seen = found + hits, end
            precision += hits / odd * found / seen
            start = end
        areas.append(pairs / (odd * others))
        precisions.append(precision)
    rows = [
        ("anomalies in series, NAB standard profile", nab, "57.2"),
        ("anomalies in series, event F1", event, "0.46"),
        ("anomalies in tables, ROC-AUC", f"{sum(areas) / len(areas):.3f}", "0.845"),
        ("anomalies in tables, average precision", f"{sum(precisions) / len(precisions):.3f}", "0.579"),
    ]
    # Models have no command: they are judged by an example of their crate.
    for name, kind, metric, beat in (("iris", "logistic", "accuracy", "0.96"), ("diabetes", "ridge", "r2", "0.49")):
        judge = ["cargo", "run", "--quiet", "--release", "-p", "intelligence", "--example", "judge", "--"]
        program = [os.environ["ORRERY_JUDGE_BIN"]] if "ORRERY_JUDGE_BIN" in os.environ else judge
        done = subprocess.run([*program, data / "classify" / "public" / f"{name}.csv"], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
        value = next(line.split()[2] for line in done.stdout.splitlines() if line.startswith(f"{kind} {metric} "))
        rows.append((f"{name}, {kind}, {metric} in five folds", value, beat))
    return rows


def insights(data, out):
    """Insights that a good tool shows, and facts that were planted."""
    folder = data / "insights" / "public"
    sys.path.insert(0, str(data / "scorers"))
    import anchor_insights as anchor

    def lines(path):
        return [json.loads(line) for line in path.read_text().splitlines()]

    found = {}
    for table in sorted((folder / "tables").glob("*.csv")):
        orrery("insights", table, "--out", out / "insights.jsonl")
        told = lines(out / "insights.jsonl")
        # Sales are units times a price, returns a part of them: that they go together is no finding.
        made = [f for f in told if f["kind"] == "correlation" and set(f["measures"]) in anchor.STRUCT]
        found[table.stem] = [f for f in told if f not in made]

    def is_fact(fact, finding):
        try:
            return anchor.match(fact, finding)
        except KeyError:
            return False

    facts = lines(folder / "planted_gold.jsonl")
    planted = [f for f in facts if f["kind"] != "none"]
    nulls = [f["table"] for f in facts if f["kind"] == "none"]
    hits = sum(any(is_fact(fact, f) for f in found[fact["table"]][:10]) for fact in planted)
    false = sum(any(f["claimed"] for f in found[table]) for table in nulls)
    views = lines(folder / "gold.jsonl")
    same = ("dimension", "agg", "measure", "filter")
    seen = sum(any(all(f.get(k) == v[k] for k in same) for f in found[v["dataset"]][:10]) for v in views)
    return [
        ("insights, planted facts, recall@10", f"{hits / len(planted):.3f}", "0.909"),
        ("insights, null tables with a claim", f"{false} of {len(nulls)}", "2 of 2"),
        ("insights, views worth seeing, recall@10", f"{seen / len(views):.3f}", "0.70"),
    ]


def ask(data, out):
    """Questions in words. The scorer's line of all: EX, strict, chart, both, answered."""
    import time
    folder = data / "nl" / "public"
    began = time.monotonic()
    orrery("ask", "--questions", folder / "questions.jsonl", "--tables", folder / "tables", "--out", out / "ask.jsonl")
    took = time.monotonic() - began
    answers = [json.loads(line) for line in (out / "ask.jsonl").read_text().splitlines()]
    line = next(x for x in scorer(data, "score_nl.py", "public", out / "ask.jsonl").splitlines() if x.startswith("ALL"))
    execution, chart = (line.split(f" {name} ")[1].split(")")[0] + ")" for name in ("EX", "chart"))
    # The same with what was offered in the place of what was not asserted: what of it was wrong?
    offered = [dict(a, sql=a["sql"] or (a.get("choices") or [None])[0]) for a in answers]
    (out / "offered.jsonl").write_text("\n".join(map(json.dumps, offered)))
    line = next(x for x in scorer(data, "score_nl.py", "public", out / "offered.jsonl").splitlines() if x.startswith("ALL"))
    return [
        ("questions, answers that are right", " ".join(execution.split()), "35.4% (keyword matcher)"),
        ("questions, right where choices count", " ".join(line.split(" EX ")[1].split(")")[0].split()) + ")", "none"),
        ("questions, kind of chart", " ".join(chart.split()), "81.0% (keyword matcher)"),
        ("questions, not asserted", f"{sum(a['sql'] is None and a['outcome'] != 'answer' for a in answers)} of {len(answers)}", "none"),
        ("questions, milliseconds each, tables read", f"{1000 * took / len(answers):.1f}", "200"),
    ]


def main():
    where = os.environ.get("ORRERY_BENCH_DATA")
    if not where:
        print("!" * 78, "ORRERY_BENCH_DATA is not set: NOTHING of the intelligence was measured.",
              "Point it to the folder with forecast/, anomaly/, insights/, nl/ and scorers/.", "!" * 78, sep="\n")
        # `make bench` goes on with what can be measured without data.
        return 1 if "--required" in sys.argv else 0
    data = pathlib.Path(where).resolve()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for part in (forecast, detect, insights, ask):
            found = part(data, pathlib.Path(folder))
            for what, ours, beat in found:
                print(f"{what:45} {ours:>10}   to beat: {beat}")
            rows += found
    table = ["| what | Orrery | to beat |", "|---|---|---|"] + [f"| {a} | {b} | {c} |" for a, b, c in rows]
    text = PAGE.read_text()
    head, rest = text.split(BEGIN, 1)
    PAGE.write_text(head + BEGIN + "\n" + "\n".join(table) + "\n" + END + rest.split(END, 1)[1])
    print(f"The figures stand in {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    # Some scorers are run, others imported: all of them by the Python that has what they want.
    wanted = os.environ.pop("ORRERY_BENCH_PYTHON", None)
    if wanted:
        os.execv(wanted, [wanted, *sys.argv])
    sys.exit(main())
