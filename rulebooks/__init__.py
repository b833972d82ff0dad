"""The life of a rulebook: drafts, tests, publication, effective dates, backtest, going back.

The truth is the database. A rulebook is handled as ``Files``: YAML texts by path (``service/abuse.yaml``,
``lists/insult.yaml``, ``scorecards/loans.yaml``), comments and all; ``inspect.rulebook.read_rulebook(files)``
makes a ``Rulebook`` of them.

``current``
    ``effective_rulebook(store, settings, when)`` → the Rulebook by which a call of that day is inspected;
    ``Effective(store, settings).on(day)`` the same for many calls; ``named_rulebook(store, settings, name)``
    by folder, version number or hash; ``version_files(store, number)`` → Files;
    ``base_files(store, settings)`` → what a draft begins from; ``newest(store)`` → Publication | None;
    ``find_version(store, number)``.
``store.publications``
    ``publications(store)`` → every Publication (number, hash, note, author, published_at, effective_from,
    effective_until, rollback_of), newest first: the history. ``current.version_on(versions, day)`` tells
    which holds on a day.
``drafts``
    ``begin_draft(store, settings, name, author=)``, ``list_drafts(store)``, ``open_draft(store, name)`` →
    Draft (files, changes, base, revision, …), ``save_files(store, name, {path: text or None}, revision=,
    author=, note=)`` → Draft or DraftChanged, ``discard_draft(store, name, revision=)``.
``check``
    ``check(files, rules=None)`` → Check (ok, problems with file:line, tests, rulebook).
``publishing``
    ``publish(store, settings, name, author=, note=, revision=, effective_from=, effective_until=)`` →
    Published (version, bumped, notes); raises RulebookError (what lint and tests found), Outdated
    (``paths``), DraftChanged. ``prepare(store, settings, draft)`` → Prepared (before, rulebook, bumped):
    what publishing would make. ``publish_files(store, settings, files, author=, note=, …)`` for a folder.
    ``rollback(store, settings, number, author=, note=)``,
    ``rebase(store, settings, name, revision=, author=)``.
``diff``, ``diff_words``
    ``diff(before, after)`` → what changed; ``in_words(changed, "zh" | "en")`` → Sections of lines that a
    compliance officer reads.
``backtest``
    ``backtest(store, settings, before, after, filter, rules=)`` → Backtest (per rule: calls and flags gained,
    lost, unchanged; by team, business, week; samples; workload; precision before and after).
``versions``
    ``detects_alike(a, b)``, ``to_bump(before, after, highest)``: which rules need a new number.
"""
