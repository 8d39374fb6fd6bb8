-- What the database itself holds of the ledger's rules, so that no program can break them, ours included.
-- Installed by `suixin db migrate`, whole and again each time; the same rules for PostgreSQL stand in
-- guards_postgresql.sql. SQLite's triggers see one row at a time, so here the entries come first and the transaction's
-- own row closes them: entries that are never closed fail at the commit by their foreign key.
-- One thing SQLite cannot tell: who updates a balance. There `suixin ledger verify` compares it with the entries.

-- The business date never goes back, and a book never becomes another book.
DROP TRIGGER IF EXISTS suixin_book_changed;
CREATE TRIGGER suixin_book_changed BEFORE UPDATE ON ledger_book BEGIN
    SELECT RAISE(ABORT, 'suixin business date: it never goes back') WHERE NEW.business_on < OLD.business_on;
    SELECT RAISE(ABORT, 'suixin book: nothing but its business date changes')
        WHERE (NEW.id, NEW.organisation_id, NEW.code, NEW.currency, NEW.opened_on)
            IS NOT (OLD.id, OLD.organisation_id, OLD.code, OLD.currency, OLD.opened_on);
END;

-- A balance begins at zero, in its book's currency.
DROP TRIGGER IF EXISTS suixin_balance_opened;
CREATE TRIGGER suixin_balance_opened BEFORE INSERT ON ledger_balance BEGIN
    SELECT RAISE(ABORT, 'suixin balance: it begins at 0, in the currency of its own book')
        WHERE NEW.posted_minor <> 0 OR NEW.pending_minor <> 0 OR NOT EXISTS (
            SELECT 1 FROM ledger_book b WHERE b.id = NEW.book_id
                AND b.organisation_id = NEW.organisation_id AND b.currency = NEW.currency);
    -- INSERT OR REPLACE would delete without asking a trigger
    SELECT RAISE(ABORT, 'suixin balance: it is there already')
        WHERE EXISTS (SELECT 1 FROM ledger_balance b WHERE b.id = NEW.id);
END;

-- A balance never becomes that of another line, and stays a whole number.
DROP TRIGGER IF EXISTS suixin_balance_touched;
CREATE TRIGGER suixin_balance_touched BEFORE UPDATE ON ledger_balance BEGIN
    SELECT RAISE(ABORT, 'suixin balance: only entries and holds move it')
        WHERE (NEW.id, NEW.organisation_id, NEW.book_id, NEW.account, NEW.subject, NEW.currency, NEW.side)
            IS NOT (OLD.id, OLD.organisation_id, OLD.book_id, OLD.account, OLD.subject, OLD.currency, OLD.side)
            OR typeof(NEW.posted_minor) <> 'integer' OR typeof(NEW.pending_minor) <> 'integer';
END;

-- An entry belongs to a balance, comes before its transaction is closed, and moves the balance.
DROP TRIGGER IF EXISTS suixin_entry_first;
CREATE TRIGGER suixin_entry_first BEFORE INSERT ON ledger_entry BEGIN
    SELECT RAISE(ABORT, 'suixin entries: the transaction is closed')
        WHERE EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.id = NEW.transaction_id);
    SELECT RAISE(ABORT, 'suixin entries: the line is there already')
        WHERE EXISTS (SELECT 1 FROM ledger_entry e
            WHERE e.transaction_id = NEW.transaction_id AND e.balance_id = NEW.balance_id);
    SELECT RAISE(ABORT, 'suixin entries: there is no such balance')
        WHERE typeof(NEW.amount_minor) <> 'integer' OR NOT EXISTS (
            SELECT 1 FROM ledger_balance b
            WHERE b.id = NEW.balance_id AND b.organisation_id = NEW.organisation_id);
END;
DROP TRIGGER IF EXISTS suixin_entries_added;
CREATE TRIGGER suixin_entries_added AFTER INSERT ON ledger_entry BEGIN
    UPDATE ledger_balance SET posted_minor = posted_minor + NEW.amount_minor WHERE id = NEW.balance_id;
END;

-- The transaction's row closes its entries: all there, of its book, 0 in their currency, on the business date.
DROP TRIGGER IF EXISTS suixin_transaction_added;
CREATE TRIGGER suixin_transaction_added BEFORE INSERT ON ledger_transaction BEGIN
    SELECT RAISE(ABORT, 'suixin transaction: it is there already')
        WHERE EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.id = NEW.id)
            OR EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.book_id = NEW.book_id AND t.key = NEW.key);
    SELECT RAISE(ABORT, 'suixin business date: a transaction is booked on the business date of its own book')
        WHERE NOT EXISTS (
            SELECT 1 FROM ledger_book b WHERE b.id = NEW.book_id
                AND b.organisation_id = NEW.organisation_id AND b.business_on = NEW.booked_on);
    SELECT RAISE(ABORT, 'suixin reversal: it takes back what was never posted')
        WHERE NEW.reverses <> '' AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction t WHERE t.book_id = NEW.book_id AND t.key = NEW.reverses);
END;
DROP TRIGGER IF EXISTS suixin_transaction_closed;
CREATE TRIGGER suixin_transaction_closed AFTER INSERT ON ledger_transaction BEGIN
    SELECT RAISE(ABORT, 'suixin entries: the transaction does not balance')
        FROM (
            SELECT b.currency, b.book_id, b.organisation_id, sum(e.amount_minor) AS total, count(*) AS lines
            FROM ledger_entry e JOIN ledger_balance b ON b.id = e.balance_id
            WHERE e.transaction_id = NEW.id GROUP BY 1, 2, 3
        )
        WHERE total <> 0 OR lines <> NEW.entry_count OR book_id <> NEW.book_id
            OR organisation_id <> NEW.organisation_id;
    SELECT RAISE(ABORT, 'suixin transaction: it has no entries')
        WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.transaction_id = NEW.id);
END;

-- A hold is placed, then posted or voided, once; what is pending on its balance follows.
DROP TRIGGER IF EXISTS suixin_hold_changed;
CREATE TRIGGER suixin_hold_changed BEFORE UPDATE ON ledger_hold BEGIN
    SELECT RAISE(ABORT, 'suixin hold: it was ended before and stays as it is')
        WHERE OLD.state <> 'placed' OR NEW.state = 'placed'
            OR (NEW.id, NEW.organisation_id, NEW.book_id, NEW.balance_id, NEW.key, NEW.amount_minor, NEW.placed_by,
                NEW.placed_at, NEW.reference)
            IS NOT (OLD.id, OLD.organisation_id, OLD.book_id, OLD.balance_id, OLD.key, OLD.amount_minor,
                OLD.placed_by, OLD.placed_at, OLD.reference);
END;
DROP TRIGGER IF EXISTS suixin_hold_placing;
CREATE TRIGGER suixin_hold_placing BEFORE INSERT ON ledger_hold BEGIN
    SELECT RAISE(ABORT, 'suixin hold: it is placed first, once, on a balance of its own book')
        WHERE NEW.state <> 'placed' OR typeof(NEW.amount_minor) <> 'integer'
            OR EXISTS (SELECT 1 FROM ledger_hold h WHERE h.id = NEW.id OR (h.book_id = NEW.book_id AND h.key = NEW.key))
            OR NOT EXISTS (
                SELECT 1 FROM ledger_balance b WHERE b.id = NEW.balance_id
                    AND b.book_id = NEW.book_id AND b.organisation_id = NEW.organisation_id);
END;
DROP TRIGGER IF EXISTS suixin_hold_placed;
CREATE TRIGGER suixin_hold_placed AFTER INSERT ON ledger_hold BEGIN
    UPDATE ledger_balance SET pending_minor = pending_minor + NEW.amount_minor WHERE id = NEW.balance_id;
END;
DROP TRIGGER IF EXISTS suixin_hold_ended;
CREATE TRIGGER suixin_hold_ended AFTER UPDATE ON ledger_hold BEGIN
    UPDATE ledger_balance SET pending_minor = pending_minor - OLD.amount_minor WHERE id = OLD.balance_id;
END;
