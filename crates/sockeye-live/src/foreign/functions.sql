-- What the triggers of all live models of a log share. {schema} has the log, {lock} and {channel} are its own.

-- A row as the log keeps it: an object of texts. A column of JSON keeps its JSON; null there is the database's, where
-- the column may have that.
CREATE OR REPLACE FUNCTION {schema}.sockeye_image(image jsonb, json text[], filled text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $sockeye$
  SELECT jsonb_object_agg(key, CASE
    WHEN value = 'null'::jsonb AND key <> ALL (filled) THEN NULL
    WHEN key = ANY (json) THEN value::text
    ELSE value #>> '{}'
  END) FROM jsonb_each(image)
$sockeye$;

-- Arguments: resource, columns of the key, of JSON, of JSON and never null. It runs at the commit, with the rights of who
-- installed it. What it cannot tell makes the resource's subscribers read again, and never fails the other program's write.
CREATE OR REPLACE FUNCTION {schema}.sockeye_tell() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET extra_float_digits = 1 AS $sockeye$
DECLARE
  resource text := TG_ARGV[0];
  old_image jsonb;
  new_image jsonb;
  told boolean := true;
  moved boolean := false;
  now bigint;
BEGIN
  IF current_setting('sockeye.writer', true) = 'on' THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF TG_OP <> 'INSERT' THEN
      old_image := {schema}.sockeye_image(to_jsonb(OLD), TG_ARGV[2]::text[], TG_ARGV[3]::text[]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
      new_image := {schema}.sockeye_image(to_jsonb(NEW), TG_ARGV[2]::text[], TG_ARGV[3]::text[]);
    END IF;
  EXCEPTION WHEN OTHERS THEN
    told := false;
  END;
  IF told AND TG_OP = 'UPDATE' THEN
    IF old_image = new_image THEN
      RETURN NULL;
    END IF;
    moved := EXISTS (
      SELECT FROM unnest(TG_ARGV[1]::text[]) key WHERE old_image ->> key IS DISTINCT FROM new_image ->> key);
    -- A key that may be in use twice until the commit leaves no order in which rows have moved.
    IF moved THEN
      told := EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = TG_RELID AND contype = 'p' AND NOT condeferrable);
    END IF;
  END IF;

  PERFORM pg_advisory_xact_lock({lock});
  now := extract(epoch FROM clock_timestamp()) * 1000;
  IF NOT told THEN
    INSERT INTO {schema}.sockeye_changes (resource, change, at) VALUES (resource, 'reset', now);
  ELSIF moved THEN
    INSERT INTO {schema}.sockeye_changes (resource, change, before_row, at)
      VALUES (resource, 'deleted', old_image::text, now);
    INSERT INTO {schema}.sockeye_changes (resource, change, after_row, at)
      VALUES (resource, 'created', new_image::text, now);
  ELSE
    INSERT INTO {schema}.sockeye_changes (resource, change, before_row, after_row, at) VALUES (
      resource,
      CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END,
      old_image::text, new_image::text, now);
  END IF;
  PERFORM pg_notify({channel}, '');
  RETURN NULL;
END
$sockeye$;

-- Resets on their way to the commit: TRUNCATE has no trigger that waits for it.
CREATE TABLE IF NOT EXISTS {schema}.sockeye_resets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource text NOT NULL
);

CREATE OR REPLACE FUNCTION {schema}.sockeye_reset() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $sockeye$
BEGIN
  DELETE FROM {schema}.sockeye_resets WHERE id = NEW.id;
  PERFORM pg_advisory_xact_lock({lock});
  INSERT INTO {schema}.sockeye_changes (resource, change, at)
    VALUES (NEW.resource, 'reset', extract(epoch FROM clock_timestamp()) * 1000);
  PERFORM pg_notify({channel}, '');
  RETURN NULL;
END
$sockeye$;

-- Argument: resource.
CREATE OR REPLACE FUNCTION {schema}.sockeye_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $sockeye$
BEGIN
  INSERT INTO {schema}.sockeye_resets (resource) VALUES (TG_ARGV[0]);
  RETURN NULL;
END
$sockeye$;

DO $sockeye$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '{schema}.sockeye_resets'::regclass AND tgname = 'sockeye_reset') THEN
    CREATE CONSTRAINT TRIGGER sockeye_reset AFTER INSERT ON {schema}.sockeye_resets
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.sockeye_reset();
  END IF;
END
$sockeye$;

-- Only who has installed them may put them on tables: they write with his rights.
REVOKE ALL ON FUNCTION {schema}.sockeye_tell(), {schema}.sockeye_reset(), {schema}.sockeye_truncated() FROM PUBLIC;
