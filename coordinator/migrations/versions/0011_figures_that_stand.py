"""Publications are record: what was shown once binds what may be shown later, so nobody changes or removes it. And the two people
under a release have two names: where no account is behind a right, its name is all that says whose it is."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        "CREATE TRIGGER sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON publications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("""
        CREATE FUNCTION check_release_names() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT count(DISTINCT lower(regexp_replace(btrim(t.name), '\\s+', ' ', 'g')))
                FROM signatures s JOIN tokens t ON t.id = s.right_id
                WHERE s.operation_id = NEW.operation_id AND s.kind = 'desk' AND s.number = NEW.number AND s.position = NEW.position
                  AND s.digest = NEW.signed) < 2 THEN
                RAISE EXCEPTION 'a release needs the signatures of two people of different names'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("CREATE TRIGGER named BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION check_release_names()")
