//! The promises of the ledger as questions to the database: each is answered with the rows that break it.

use sqlx::PgConnection;

const INVARIANTS: [(&str, &str); 15] = [
    ("no balance differs from its movements (I2)", "SELECT count(*) FROM ledger_discrepancy"),
    (
        "balances are the sums of deltas (I2)",
        "SELECT count(*) FROM stock s WHERE s.on_hand <> coalesce((
           SELECT sum(m.delta) FROM movement m
           WHERE (m.shop_id, m.item_id, m.location_id) = (s.shop_id, s.item_id, s.location_id)), 0)",
    ),
    (
        "movements of a shelf are numbered without gaps, each balance following from the one before (I2)",
        "SELECT count(*) FROM (
           SELECT m.seq, m.balance_after, m.delta, row_number() OVER shelf AS place,
             lag(m.balance_after, 1, 0) OVER shelf AS before
           FROM movement m WINDOW shelf AS (PARTITION BY m.shop_id, m.item_id, m.location_id ORDER BY m.seq)
         ) walked WHERE seq <> place OR balance_after <> before + delta",
    ),
    (
        "one operation for each request (I3)",
        "SELECT count(*) FROM (
           SELECT FROM operation GROUP BY shop_id, source, request_id HAVING count(*) > 1) twice",
    ),
    (
        "every operation that was asked for has its answer (I3)",
        "SELECT count(*) FROM operation o
         WHERE NOT EXISTS (SELECT FROM operation_result r WHERE r.shop_id = o.shop_id AND r.op_id = o.id)
           AND NOT EXISTS (SELECT FROM correction c WHERE c.shop_id = o.shop_id AND c.reversal_id = o.id)",
    ),
    (
        "an operation is reversed at most once (I4)",
        "SELECT count(*) FROM (
           SELECT FROM operation WHERE reverses IS NOT NULL GROUP BY shop_id, reverses HAVING count(*) > 1) twice",
    ),
    (
        "a reversal mirrors each line of what it reverses, on the same shelf (I4)",
        "SELECT count(*) FROM operation r
         JOIN movement m ON m.shop_id = r.shop_id AND m.op_id = r.reverses
         LEFT JOIN movement mirror ON mirror.shop_id = m.shop_id AND mirror.reverses = m.id
         WHERE (mirror.op_id, mirror.item_id, mirror.location_id, mirror.delta)
           IS DISTINCT FROM (r.id, m.item_id, m.location_id, -m.delta)",
    ),
    (
        "the sign follows the kind (I5)",
        "SELECT count(*) FROM movement WHERE delta < 0 AND kind IN ('receipt', 'return_in', 'opening')
           OR delta > 0 AND kind IN ('sale', 'waste', 'own_use', 'theft', 'gift', 'return_out')",
    ),
    (
        "no row mixes shops (I6)",
        "SELECT count(*) FROM movement m
         JOIN operation o ON o.id = m.op_id JOIN item i ON i.id = m.item_id JOIN location l ON l.id = m.location_id
         WHERE m.shop_id <> o.shop_id OR m.shop_id <> i.shop_id OR m.shop_id <> l.shop_id",
    ),
    (
        "quantities are at the scale of their item (I7)",
        "SELECT count(*) FROM movement m JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
         WHERE round(m.delta, i.scale) <> m.delta OR round(m.balance_after, i.scale) <> m.balance_after",
    ),
    (
        "a name means one item, and one that is in the lists or archived by its shop (I8)",
        "SELECT count(*) FROM item_key k LEFT JOIN item i ON i.shop_id = k.shop_id AND i.id = k.item_id
         WHERE i.id IS NULL OR i.moved_to IS NOT NULL OR k.is_free <> (i.archived_at IS NOT NULL)",
    ),
    (
        "a counted shelf holds what its newest count saw and what stands of what came after (I9)",
        "SELECT count(*) FROM stock s
         WHERE s.on_hand <> standing_balance(s.shop_id, s.item_id, s.location_id)
           AND EXISTS (SELECT FROM count_line c
             WHERE (c.shop_id, c.item_id, c.location_id) = (s.shop_id, s.item_id, s.location_id))",
    ),
    (
        "what absorbs is the opposite of a late line, and in the same operation (I9)",
        "SELECT count(*) FROM movement a JOIN movement m ON m.shop_id = a.shop_id AND m.id = a.absorbs
         WHERE a.delta <> -m.delta OR a.op_id <> m.op_id OR a.kind <> 'count'",
    ),
    (
        "nothing is on hand of an item that another one stands for",
        "SELECT count(*) FROM stock s JOIN item i ON i.shop_id = s.shop_id AND i.id = s.item_id
         WHERE i.moved_to IS NOT NULL AND s.on_hand <> 0",
    ),
    (
        "who stands for an item stands for itself",
        "SELECT count(*) FROM item i JOIN item o ON o.shop_id = i.shop_id AND o.id = i.moved_to
         WHERE o.moved_to IS NOT NULL OR i.archived_at IS NULL
           OR (i.merged_into IS NOT NULL AND i.merged_into <> i.moved_to)",
    ),
];

/// Asks all of them.
pub(crate) async fn check(owner: &mut PgConnection) -> Result<(), String> {
    for (promise, broken) in INVARIANTS {
        let rows: i64 = sqlx::query_scalar(broken).fetch_one(&mut *owner).await.expect("the owner may look");
        if rows != 0 {
            return Err(format!("{rows} rows break this: {promise}"));
        }
    }
    Ok(())
}
