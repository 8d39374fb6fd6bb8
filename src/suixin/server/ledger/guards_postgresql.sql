-- What the database itself holds of the ledger's rules, so that no program can break them, ours included.
-- Installed by `suixin db migrate`, whole and again each time; the same rules for SQLite stand in guards_sqlite.sql.

-- The business date never goes back, and a book never becomes another book.
CREATE OR REPLACE FUNCTION suixin_book_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.business_on < OLD.business_on THEN
        RAISE EXCEPTION 'suixin business date: % is before %', NEW.business_on, OLD.business_on
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.code, NEW.currency, NEW.opened_on)
        IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.code, OLD.currency, OLD.opened_on) THEN
        RAISE EXCEPTION 'suixin book: nothing but its business date changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER suixin_book_changed BEFORE UPDATE ON ledger_book
    FOR EACH ROW EXECUTE FUNCTION suixin_book_changed();

-- A balance begins at zero, in its book's currency.
CREATE OR REPLACE FUNCTION suixin_balance_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a LEFT JOIN ledger_book b ON b.id = a.book_id
        WHERE b.id IS NULL OR b.organisation_id <> a.organisation_id OR b.currency <> a.currency
            OR a.posted_minor <> 0 OR a.pending_minor <> 0
    ) THEN
        RAISE EXCEPTION 'suixin balance: it begins at 0, in the currency of its own book'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_balance_opened AFTER INSERT ON ledger_balance
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION suixin_balance_opened();

-- Balances move by entries and holds alone: the triggers below update them at depth 1, everybody else at depth 0.
CREATE OR REPLACE FUNCTION suixin_balance_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'suixin balance: only entries and holds move it'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER suixin_balance_touched BEFORE UPDATE ON ledger_balance
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION suixin_balance_touched();

-- A transaction is booked on its book's business date, takes back only what was posted before it, and comes in one
-- statement with its entries.
CREATE OR REPLACE FUNCTION suixin_transaction_added() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT book_id, organisation_id, booked_on FROM added) a
        LEFT JOIN ledger_book b ON b.id = a.book_id
        WHERE b.id IS NULL OR b.organisation_id <> a.organisation_id OR b.business_on <> a.booked_on
    ) THEN
        RAISE EXCEPTION 'suixin business date: a transaction is booked on the business date of its own book'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a WHERE a.reverses <> '' AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction t
            WHERE t.book_id = a.book_id AND t.key = a.reverses AND t.id < a.id)
    ) THEN
        RAISE EXCEPTION 'suixin reversal: it takes back what was never posted'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT a.id, true AS is_new, a.entry_count AS asked, 0 AS lines FROM added a
            UNION ALL
            SELECT e.transaction_id, false, 0, 1 FROM ledger_entry e
            WHERE e.transaction_id BETWEEN (SELECT min(id) FROM added) AND (SELECT max(id) FROM added)
        ) found
        GROUP BY id HAVING bool_or(is_new) AND (sum(lines) <> sum(asked) OR sum(lines) < 2)
    ) THEN
        RAISE EXCEPTION 'suixin transaction: it has no entries, or comes in another statement than they'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_transaction_added AFTER INSERT ON ledger_transaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION suixin_transaction_added();

-- All entries of a transaction come in one statement, sum to 0 in their currency, belong to its book, and move the
-- balances, which are locked in the order of their ids. A statement's entries are of one book, so that each balance is
-- read once. What is held against each other is piled up and grouped instead of joined, and no table is scanned: whatever
-- a plan that was made while the tables were small would do, it stays a walk along an index.
CREATE OR REPLACE FUNCTION suixin_entries_added() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    held record;
    came record;
    wrong record;
BEGIN
    SELECT count(*) AS lines, min(l.book_id) AS book_id, max(l.book_id) AS last_book_id,
        min(l.organisation_id) AS organisation_id INTO held
    FROM (
        SELECT b.book_id, b.organisation_id FROM ledger_balance b
        WHERE b.id IN (SELECT balance_id FROM added) ORDER BY b.id FOR NO KEY UPDATE
    ) l;
    SELECT count(DISTINCT balance_id) AS lines, min(transaction_id) AS first_id, max(transaction_id) AS last_id,
        min(organisation_id) AS organisation_id, max(organisation_id) AS last_organisation_id INTO came
    FROM added;
    IF came.lines > 0 AND (held.lines, held.last_book_id, held.organisation_id, held.organisation_id)
        IS DISTINCT FROM (came.lines, held.book_id, came.organisation_id, came.last_organisation_id) THEN
        RAISE EXCEPTION 'suixin entries: there is no such balance, or they are of more than one book'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT f.id, sum(f.total) AS total, sum(f.lines) AS lines, sum(f.asked) AS asked INTO wrong
    FROM (
        SELECT a.transaction_id AS id, true AS is_new, 0::bigint AS total, 0 AS lines, 0 AS asked FROM added a
        UNION ALL  -- all that it has, so that nothing is slipped into an old one
        SELECT e.transaction_id, false, e.amount_minor, 1, 0 FROM ledger_entry e
        WHERE e.transaction_id BETWEEN came.first_id AND came.last_id
        UNION ALL
        SELECT t.id, false, 0, 0, t.entry_count FROM ledger_transaction t
        WHERE t.id BETWEEN came.first_id AND came.last_id
            AND t.book_id = held.book_id AND t.organisation_id = held.organisation_id
    ) f
    GROUP BY f.id HAVING bool_or(f.is_new) AND (sum(f.total) <> 0 OR sum(f.lines) <> sum(f.asked))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'suixin entries: transaction % does not balance: % too many on % of % entries',
            wrong.id, wrong.total, wrong.lines, wrong.asked
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE ledger_balance b SET posted_minor = b.posted_minor + s.total
    FROM (SELECT balance_id, sum(amount_minor)::bigint AS total FROM added GROUP BY balance_id) s
    WHERE b.id = s.balance_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_entries_added AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION suixin_entries_added();

-- So the foreign key from an entry to its transaction has nothing left to check, and would check it once a row: a quarter
-- of the time of a large posting. SQLite keeps it: there it is what closes the entries.
DO $$
DECLARE
    named text;
BEGIN
    FOR named IN SELECT conname FROM pg_constraint WHERE conrelid = 'ledger_entry'::regclass AND contype = 'f' LOOP
        EXECUTE format('ALTER TABLE ledger_entry DROP CONSTRAINT %I', named);
    END LOOP;
END $$;

-- A hold is placed, then posted or voided, once; what is pending on its balance follows.
CREATE OR REPLACE FUNCTION suixin_hold_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'placed' OR NOT EXISTS (
            SELECT 1 FROM ledger_balance b WHERE b.id = NEW.balance_id
                AND b.book_id = NEW.book_id AND b.organisation_id = NEW.organisation_id
        ) THEN
            RAISE EXCEPTION 'suixin hold: % is placed first, on a balance of its own book', NEW.key
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        UPDATE ledger_balance SET pending_minor = pending_minor + NEW.amount_minor WHERE id = NEW.balance_id;
        RETURN NULL;
    END IF;
    IF OLD.state <> 'placed' OR NEW.state = 'placed'
        OR (NEW.id, NEW.organisation_id, NEW.book_id, NEW.balance_id, NEW.key, NEW.amount_minor, NEW.placed_by,
            NEW.placed_at, NEW.reference)
        IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.book_id, OLD.balance_id, OLD.key, OLD.amount_minor,
            OLD.placed_by, OLD.placed_at, OLD.reference) THEN
        RAISE EXCEPTION 'suixin hold: % is % and stays as it is', OLD.key, OLD.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE ledger_balance SET pending_minor = pending_minor - OLD.amount_minor WHERE id = OLD.balance_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_hold_changed AFTER INSERT OR UPDATE ON ledger_hold
    FOR EACH ROW EXECUTE FUNCTION suixin_hold_changed();

-- Hot balances are updated in place: room on the page, and no index to touch.
ALTER TABLE ledger_balance SET (fillfactor = 60);

-- How the server posts: one call, set-based, whatever the number of transactions. Columns come as arrays; an entry names
-- its transaction and its line by their places in them. Waits are in
-- one order for everybody: new lines by their names, then (if holds are posted) balances by id, then keys by name, then
-- (in the trigger above) balances by id. Returned is what is new; what is not was posted before.
-- `known` are the ids that were found before: only what is missing among them is looked up.
CREATE OR REPLACE FUNCTION suixin_lines(
    to_book bigint, in_currency text, accounts text[], subjects text[], known bigint[]
) RETURNS bigint[] LANGUAGE sql VOLATILE SET enable_seqscan = off AS $$
    SELECT array_agg(coalesce(n.id, b.id) ORDER BY n.place)
    FROM unnest(accounts, subjects, known) WITH ORDINALITY AS n(account, subject, id, place)
    LEFT JOIN LATERAL (
        SELECT l.id FROM ledger_balance l
        WHERE n.id IS NULL AND l.book_id = to_book
            AND l.account = n.account AND l.subject = n.subject AND l.currency = in_currency
        OFFSET 0
    ) b ON true
$$;

CREATE OR REPLACE FUNCTION suixin_post(
    of_organisation bigint, to_book bigint, in_currency text, by_whom text, at_time timestamptz,
    keys text[], kinds text[], booked date[], valued date[], refs text[], reversed text[], reasons text[],
    counts smallint[], digests bytea[],
    line_accounts text[], line_subjects text[], line_sides smallint[],
    entry_of integer[], entry_line integer[], amounts bigint[],
    posting_keys text[], hold_keys text[]
) RETURNS TABLE (new_id bigint, new_key text) LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    line_ids bigint[] := suixin_lines(to_book, in_currency, line_accounts, line_subjects, NULL);
BEGIN
    IF array_position(line_ids, NULL) IS NOT NULL THEN
        INSERT INTO ledger_balance (organisation_id, book_id, currency, account, subject, side)
        SELECT of_organisation, to_book, in_currency, n.account, n.subject, n.side
        FROM unnest(line_ids, line_accounts, line_subjects, line_sides) AS n(id, account, subject, side)
        WHERE n.id IS NULL
        ORDER BY n.account COLLATE "C", n.subject COLLATE "C"
        ON CONFLICT (book_id, account, subject, currency) DO NOTHING;
        line_ids := suixin_lines(to_book, in_currency, line_accounts, line_subjects, line_ids);
    END IF;

    IF cardinality(hold_keys) > 0 THEN
        PERFORM 1 FROM ledger_balance WHERE id IN (
            SELECT unnest(line_ids) UNION SELECT h.balance_id FROM ledger_hold h WHERE h.book_id = to_book AND h.key = ANY (hold_keys)
        ) ORDER BY id FOR NO KEY UPDATE;
        UPDATE ledger_hold h SET state = 'posted', ended_at = at_time, transaction_key = n.transaction_key
        FROM unnest(posting_keys, hold_keys) AS n(transaction_key, hold_key)
        WHERE h.book_id = to_book AND h.key = n.hold_key AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction t WHERE t.book_id = to_book AND t.key = n.transaction_key);
    END IF;

    RETURN QUERY
    WITH numbered AS MATERIALIZED (
        SELECT nextval('ledger_transaction_id_seq') AS id, u.* FROM unnest(
            keys, kinds, booked, valued, refs, reversed, reasons, counts, digests
        ) WITH ORDINALITY AS u(key, kind, booked_on, value_on, reference, reverses, reason, lines, digest, place)
    ), added AS (
        INSERT INTO ledger_transaction (id, organisation_id, book_id, posted_by, posted_at, key, kind, booked_on,
            value_on, reference, reverses, reason, entry_count, digest)
        SELECT n.id, of_organisation, to_book, by_whom, at_time, n.key, n.kind, n.booked_on,
            n.value_on, n.reference, n.reverses, n.reason, n.lines, n.digest
        FROM numbered n ORDER BY n.key COLLATE "C"
        ON CONFLICT (book_id, key) DO NOTHING
        RETURNING id, key
    ), entries AS (
        INSERT INTO ledger_entry (organisation_id, transaction_id, balance_id, amount_minor)
        SELECT of_organisation, a.id, line_ids[e.line], e.amount_minor
        FROM unnest(entry_of, entry_line, amounts) AS e(place, line, amount_minor)
        JOIN numbered n ON n.place = e.place
        JOIN added a ON a.id = n.id
    )
    SELECT a.id, a.key::text FROM added a;
END $$;
