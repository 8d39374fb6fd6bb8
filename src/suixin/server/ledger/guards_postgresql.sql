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

-- A transaction is booked on its book's business date, and takes back only what was posted before it.
CREATE OR REPLACE FUNCTION suixin_transaction_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added a LEFT JOIN ledger_book b ON b.id = a.book_id
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
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_transaction_added AFTER INSERT ON ledger_transaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION suixin_transaction_added();

-- None is committed without its entries.
CREATE OR REPLACE FUNCTION suixin_transaction_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.transaction_id = NEW.id) THEN
        RAISE EXCEPTION 'suixin transaction: % has no entries', NEW.key
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS suixin_transaction_closed ON ledger_transaction;
CREATE CONSTRAINT TRIGGER suixin_transaction_closed AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION suixin_transaction_closed();

-- All entries of a transaction come in one statement, sum to 0 in their currency, belong to its book, and move the
-- balances, which are locked in the order of their ids.
CREATE OR REPLACE FUNCTION suixin_entries_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM 1 FROM ledger_balance WHERE id IN (SELECT balance_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    SELECT g.transaction_id, g.total, g.lines, t.entry_count INTO wrong
    FROM (
        SELECT a.transaction_id, a.organisation_id, b.organisation_id AS owner, b.book_id, b.currency,
            count(*) AS lines, sum(a.amount_minor) AS total
        FROM added a LEFT JOIN ledger_balance b ON b.id = a.balance_id
        GROUP BY 1, 2, 3, 4, 5
    ) g
    LEFT JOIN ledger_transaction t ON t.id = g.transaction_id
    WHERE t.id IS NULL OR g.total <> 0 OR g.lines <> t.entry_count OR g.book_id IS DISTINCT FROM t.book_id
        OR g.owner IS DISTINCT FROM t.organisation_id OR g.organisation_id <> t.organisation_id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'suixin entries: transaction % does not balance: % too many on % of % entries',
            wrong.transaction_id, wrong.total, wrong.lines, wrong.entry_count
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE ledger_balance b SET posted_minor = b.posted_minor + s.total
    FROM (SELECT balance_id, sum(amount_minor)::bigint AS total FROM added GROUP BY balance_id) s
    WHERE b.id = s.balance_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER suixin_entries_added AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION suixin_entries_added();

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
