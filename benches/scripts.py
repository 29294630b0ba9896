"""SQL scripts of a given length, as tools and people write them (see
measure.py): a pg_dump of a schema with its rows as INSERTs, a year of
migrations, and a MariaDB dump. Every line is ordinary work: nothing in them
destroys, so that all of them must be read before they may run.
"""


def pg_dump(lines):
    """As pg_dump --inserts writes it."""
    out = ["-- PostgreSQL database dump", "", "SET statement_timeout = 0;",
           "SET client_encoding = 'UTF8';", "SET standard_conforming_strings = on;",
           "SELECT pg_catalog.set_config('search_path', '', false);", ""]
    table = 0
    while len(out) < lines:
        name = f"public.order_{table}"
        out += [
            "--", f"-- Name: order_{table}; Type: TABLE; Schema: public; Owner: shop", "--", "",
            f"CREATE TABLE {name} (",
            "    id bigint NOT NULL,",
            "    customer character varying(255) DEFAULT 'nobody'::character varying NOT NULL,",
            "    total numeric(10,2) DEFAULT 0.0,",
            "    created_at timestamp with time zone DEFAULT now(),",
            "    CONSTRAINT positive CHECK ((total >= (0)::numeric))",
            ");", "", f"ALTER TABLE {name} OWNER TO shop;", "",
        ]
        out += [
            f"INSERT INTO {name} VALUES ({row}, 'O''Brien; DROP TABLE {row}', {row}.50, "
            f"'2026-01-{row % 28 + 1:02} 10:00:00+00');"
            for row in range(60)
        ]
        out += [
            "", f"ALTER TABLE ONLY {name}",
            f"    ADD CONSTRAINT order_{table}_pkey PRIMARY KEY (id);", "",
            f"CREATE UNIQUE INDEX CONCURRENTLY order_{table}_key ON {name} USING btree (customer);",
            f"CREATE VIEW public.big_{table} AS",
            "    SELECT o.id, o.total", f"    FROM {name} o",
            "    WHERE (o.total > (100)::numeric);", "",
            f"GRANT SELECT,INSERT ON TABLE {name} TO reader;", "",
        ]
        table += 1
    return "\n".join(out) + "\n"


def migrations(lines):
    """As people write them."""
    out = []
    number = 0
    while len(out) < lines:
        out += [
            f"-- migration {number}: keep the totals", "BEGIN;",
            f"CREATE TABLE IF NOT EXISTS totals_{number} (",
            "  id bigserial PRIMARY KEY,",
            "  customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,",
            "  amount numeric(12, 2) NOT NULL DEFAULT 0 /* cents */",
            ");",
            f"CREATE INDEX CONCURRENTLY totals_{number}_customer ON totals_{number} (customer_id);",
            f"ALTER TABLE orders ADD COLUMN note_{number} text;",
            f"CREATE OR REPLACE FUNCTION sum_{number}(c bigint) RETURNS numeric AS $body$",
            "DECLARE", "  result numeric;", "BEGIN",
            "  SELECT sum(amount) INTO result FROM orders WHERE customer_id = c;",
            "  IF result IS NULL THEN", "    RETURN 0;", "  END IF;",
            "  RETURN result;", "END;", "$body$ LANGUAGE plpgsql STABLE;",
            f"CREATE VIEW open_{number} AS SELECT id, total FROM orders WHERE state = 'open';",
            f"UPDATE orders SET note_{number} = 'none; nothing' WHERE id = {number} AND total > 10;",
            f"DELETE FROM sessions WHERE user_id = {number} AND seen < now() - interval '30 days';",
            f"INSERT INTO changes (id, what) VALUES ({number}, 'it''s done'), ({number}, 'twice')",
            "  ON CONFLICT (id) DO UPDATE SET what = excluded.what WHERE changes.id > 0;",
            f"WITH recent AS (SELECT id FROM orders WHERE id > {number})",
            f"UPDATE orders o SET total = o.total + 1 FROM recent r WHERE r.id = o.id;",
            f"GRANT SELECT, INSERT ON totals_{number} TO app_user;",
            f"COMMENT ON TABLE totals_{number} IS 'what each customer owes';",
            "COMMIT;", "",
        ]
        number += 1
    return "\n".join(out) + "\n"


def mariadb(lines):
    """As mariadb-dump --skip-add-drop-table --skip-add-locks writes it, with
    other changes in between."""
    out = ["/*!40101 SET NAMES utf8mb4 */;", "/*!40014 SET FOREIGN_KEY_CHECKS=0 */;"]
    table = 0
    while len(out) < lines:
        name = f"`orders_{table}`"
        out += [
            "--", f"-- Table structure for table {name}", "--", "",
            f"CREATE TABLE {name} (", "  `id` bigint(20) NOT NULL AUTO_INCREMENT,",
            "  `customer` varchar(255) NOT NULL DEFAULT 'nobody',",
            "  `total` decimal(10,2) DEFAULT NULL,", "  PRIMARY KEY (`id`),",
            "  KEY `customer` (`customer`)",
            ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;", "",
            f"/*!40000 ALTER TABLE {name} ENABLE KEYS */;",
        ]
        out += [
            f"INSERT INTO {name} VALUES ({row},'O\\'Brien; DROP TABLE {row}',{row}.50),"
            f"({row},'a\\nb',NULL);"
            for row in range(40)
        ]
        out += [
            f"UPDATE {name} SET `total` = 1 WHERE `id` = 7 AND `customer` LIKE 'x%';",
            f"DELETE FROM {name} WHERE `id` = 3;",
            f"CREATE VIEW `big_{table}` AS SELECT `id` FROM {name} WHERE `total` > 100;",
            f"GRANT SELECT ON {name} TO 'reader'@'%';",
            "",
        ]
        table += 1
    return "\n".join(out) + "\n"


def endless(length):
    """INSERTs, `length` bytes of them, a piece at a time."""
    line = b"INSERT INTO public.orders VALUES (1, 'O''Brien', 1.50, '2026-01-01 10:00:00+00');\n"
    piece = line * 10_000
    for _ in range(length // len(piece) + 1):
        yield piece
