"""Trains and tests every peer on the same split of labelled comments, and prints one table.

Split: by near-duplicate group (or thread, or id), 70 % to train, by a hash of the group. Content alone is given to
the peers; siftwire gets the whole record, as a blog would send it.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import time

import numpy

OUTSIDE_CORE = {"id_gambling", "x_janitr", "sms_uci"}


def load(folder):
    rows = []
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if row["source"] not in OUTSIDE_CORE]


def in_training(row):
    group = row.get("near_dup_group") or row.get("thread") or row["id"]
    return hashlib.sha1(group.encode()).digest()[0] < 179


def words(text):
    return " ".join(text.split())


def tfidf(train, test, model):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    vectors = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    model.fit(vectors.fit_transform([r["content"] for r in train]), [r["label"] == "spam" for r in train])
    start = time.time()
    scores = model.decision_function(vectors.transform([r["content"] for r in test]))
    return scores, time.time() - start


def logistic(train, test, work):
    from sklearn.linear_model import LogisticRegression

    return tfidf(train, test, LogisticRegression(C=20, solver="liblinear"))


def support_vectors(train, test, work):
    from sklearn.svm import LinearSVC

    return tfidf(train, test, LinearSVC(C=0.7))


def fasttext(train, test, work):
    import fasttext as library

    path = work / "fasttext.txt"
    path.write_text("".join(f"__label__{r['label']} {words(r['content'])}\n" for r in train), encoding="utf-8")
    model = library.train_supervised(
        str(path), wordNgrams=2, minn=2, maxn=5, dim=32, epoch=20, thread=1, verbose=0
    )
    start = time.time()
    scores = []
    for row in test:
        label, share = model.f.predict(words(row["content"]) + "\n", 1, 0.0, "strict")[0][::-1]
        scores.append(share if label == "__label__spam" else 1 - share)
    return numpy.array(scores), time.time() - start


def message(row):
    return f"From: reader@example.org\nSubject: comment\n\n{row['content']}\n".encode("utf-8", "replace")


def bogofilter(train, test, work):
    folder = work / "bogofilter"
    subprocess.run(["rm", "-rf", folder], check=True)
    folder.mkdir()
    for row in train:
        flag = "-s" if row["label"] == "spam" else "-n"
        subprocess.run(["bogofilter", "-d", folder, flag], input=message(row), check=True)
    start = time.time()
    scores = []
    for row in test:
        out = subprocess.run(["bogofilter", "-d", folder, "-T"], input=message(row), capture_output=True)
        scores.append(float(out.stdout.split()[1]))
    return numpy.array(scores), time.time() - start


def spamassassin(train, test, work):
    """Bayes alone; slow, so genuine comments are cut to 3,000 in training, and part of the test is scored."""
    home = work / "spamassassin"
    subprocess.run(["rm", "-rf", home], check=True)
    for label in ("spam", "ham"):
        folder = home / label
        folder.mkdir(parents=True)
        rows = [r for r in train if r["label"] == label][:3000]
        for number, row in enumerate(rows):
            (folder / str(number)).write_bytes(message(row))
        subprocess.run(
            ["sa-learn", f"--{label}", "--dbpath", home, "--no-sync", folder], check=True, capture_output=True
        )
    subprocess.run(["sa-learn", "--sync", "--dbpath", home], check=True, capture_output=True)
    start = time.time()
    scores = []
    for row in test:
        out = subprocess.run(
            ["spamassassin", "-L", "-t", f"--cf=bayes_path {home}/bayes", "--cf=add_header all Bayes _BAYES_"],
            input=message(row),
            capture_output=True,
        )
        line = next((l for l in out.stdout.splitlines() if l.startswith(b"X-Spam-Bayes:")), b": 0.5")
        scores.append(float(line.split(b":")[1]))
    return numpy.array(scores), time.time() - start


def siftwire(train, test, work, binary):
    for name, rows in (("train", train), ("test", test)):
        folder = work / "siftwire" / name
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
        (folder / "comments.jsonl").write_text(text, encoding="utf-8")
    model = work / "siftwire" / "model"
    corpora = ["--corpus", work / "siftwire" / "train", "--corpus", "data/comments/templates_spam.jsonl"]
    corpora += ["--corpus", "data/comments/templates_ham.jsonl"]
    subprocess.run([binary, "comments", "train", *corpora, "--out", model], check=True, capture_output=True)
    start = time.time()
    out = subprocess.run(
        [binary, "comments", "check", "--model", model, work / "siftwire" / "test" / "comments.jsonl"],
        check=True,
        capture_output=True,
    )
    elapsed = time.time() - start
    return numpy.array([json.loads(line)["log_odds"] for line in out.stdout.splitlines()]), elapsed


def figures(scores, spam):
    order = scores[~spam]
    order.sort()
    ranks = numpy.searchsorted(order, scores[spam], "left") + numpy.searchsorted(order, scores[spam], "right")
    auc = ranks.mean() / 2 / len(order)
    recalls = []
    for rate in (0.001, 0.01):
        threshold = order[-int(len(order) * rate) - 1]
        recalls.append((scores[spam] > threshold).mean())
    return auc, *recalls


def main():
    corpus, work, binary = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    rows = load(corpus)
    train = [r for r in rows if in_training(r)]
    test = [r for r in rows if not in_training(r)]
    print(f"{len(train)} comments to train, {len(test)} to test", file=sys.stderr)
    short = [r for r in test if r["label"] == "spam"][::6] + [r for r in test if r["label"] == "ham"][::40]
    peers = {
        "siftwire": (lambda *a: siftwire(*a, binary), test),
        "TF-IDF + logistic (scikit-learn)": (logistic, test),
        "TF-IDF + LinearSVC (scikit-learn)": (support_vectors, test),
        "fastText": (fasttext, test),
        "bogofilter": (bogofilter, test),
        "SpamAssassin Bayes (part of the test)": (spamassassin, short),
    }
    print("| filter | AUC | recall at 0.1 % | recall at 1 % | comments/s |\n| --- | ---: | ---: | ---: | ---: |")
    for name, (run, rows) in peers.items():
        try:
            scores, elapsed = run(train, rows, work)
        except Exception as error:  # a peer that fails must not hide the others
            print(f"| {name} | failed: {error} | | | |", flush=True)
            continue
        spam = numpy.array([r["label"] == "spam" for r in rows])
        auc, low, high = figures(numpy.asarray(scores, dtype=float), spam)
        print(f"| {name} | {auc:.4f} | {low:.3f} | {high:.3f} | {len(rows) / elapsed:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
