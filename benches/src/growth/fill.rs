//! A year of a shop, written past the triggers: the check of the ledger says afterwards that it is what they write.

use crate::shop::Shop;

/// Adds movements until the shop has `size`, spread over the year before now. Every hundredth takes a sale back.
pub(super) async fn fill(shop: &Shop, size: u32) -> anyhow::Result<()> {
    let mut connection = shop.pool.acquire().await?;
    // Of this session alone: no trigger and no foreign key looks.
    sqlx::raw_sql("SET session_replication_role = replica; SET synchronous_commit = off")
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        r"
        CREATE TEMP TABLE filling AS
        WITH numbered AS (
          SELECT n, CASE WHEN n % 100 = 3 THEN n - 1 ELSE n END AS said
          FROM generate_series(1, $2 - (SELECT count(*) FROM movement)) n
        ),
        chosen AS (
          SELECT
            c.n, c.said, 1 + (abs(hashint8(c.said)::bigint) % 1000) AS item,
            CASE WHEN c.said % 4 = 0 THEN 6 ELSE -(1 + c.said % 3) END AS delta,
            c.n <> c.said AS is_mirror,
            now() - (($2 - c.said) * interval '365 days' / $2) AS at
          FROM numbered c
        )
        SELECT
          c.n, c.said, k.item_id, s.id AS shop_id, s.default_location_id AS location_id, m.id AS member_id,
          CASE WHEN c.is_mirror THEN -c.delta ELSE c.delta END AS delta,
          CASE WHEN c.is_mirror THEN 'reversal' WHEN c.delta > 0 THEN 'receipt' ELSE 'sale' END AS kind,
          c.delta AS said_delta, c.is_mirror, c.at,
          (lpad(to_hex((extract(epoch FROM c.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(c.n::text), 1, 3) || '8'
            || substr(md5(c.n::text), 4, 15))::uuid AS op_id,
          (SELECT max(id) FROM movement) + c.n AS id
        FROM chosen c
        JOIN shop s ON s.id = $1::uuid
        JOIN member m ON m.shop_id = s.id
        JOIN item_key k ON k.shop_id = s.id AND k.key = 'item ' || c.item
        ",
    )
    .bind(&shop.id)
    .bind(i64::from(size))
    .execute(&mut *connection)
    .await?;
    sqlx::raw_sql(
        r"
        CREATE UNIQUE INDEX ON filling (n);
        ANALYZE filling;

        INSERT INTO operation (
          shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, reverses, occurred_at, recorded_at
        )
        SELECT
          f.shop_id, f.op_id, 'AB2C', CASE WHEN f.n % 2 = 0 THEN f.member_id END, 'grpc', 'fill.' || f.n,
          sha256(f.n::text::bytea), CASE WHEN f.is_mirror THEN 'reversal' ELSE 'post' END, said.op_id, f.at, f.at
        FROM filling f
        LEFT JOIN filling said ON f.is_mirror AND said.n = f.said
        ORDER BY f.n;

        INSERT INTO operation_result (shop_id, op_id, answer) SELECT f.shop_id, f.op_id, '{}' FROM filling f ORDER BY f.n;

        INSERT INTO movement (
          id, shop_id, op_id, line, item_id, location_id, kind, delta, said_quantity, factor, unit_price, currency, unit_cost,
          seq, balance_after, occurred_at, recorded_at, reverses, is_late
        )
        OVERRIDING SYSTEM VALUE
        SELECT
          f.id, f.shop_id, f.op_id, 1, f.item_id, f.location_id, f.kind, f.delta, abs(f.said_delta), 1,
          CASE WHEN f.said_delta > 0 THEN 10 ELSE 15 END, 'ZAR', 10,
          s.seq + row_number() OVER shelf, s.on_hand + sum(f.delta) OVER shelf, f.at, f.at, said.id, false
        FROM filling f
        JOIN stock s ON s.shop_id = f.shop_id AND s.item_id = f.item_id AND s.location_id = f.location_id
        LEFT JOIN filling said ON f.is_mirror AND said.n = f.said
        WINDOW shelf AS (PARTITION BY f.item_id ORDER BY f.n)
        ORDER BY f.n;

        UPDATE stock s
        SET on_hand = s.on_hand + f.delta, seq = s.seq + f.lines
        FROM (SELECT item_id, sum(delta) AS delta, count(*) AS lines FROM filling GROUP BY item_id) f
        WHERE s.item_id = f.item_id;
        SELECT setval(pg_get_serial_sequence('movement', 'id'), (SELECT max(id) FROM movement));
        DROP TABLE filling;
        SET session_replication_role = DEFAULT;
        RESET synchronous_commit;
        ",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut *connection).await?;
    sqlx::raw_sql("CHECKPOINT").execute(&mut *connection).await?;
    shop.check().await
}
