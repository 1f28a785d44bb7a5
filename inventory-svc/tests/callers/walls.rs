//! The walls between shops, below the service: every table that there is, also those that come later.

use sqlx::{AssertSqlSafe, Row as _};

use crate::world::{World, add, count, in_unit};

/// Tables without row security, each with its reason.
const OPEN: [(&str, &str); 1] = [("_sqlx_migrations", "which migrations were applied; nothing of a shop")];

/// A table, whether it is of a shop, and whether its rows are guarded.
async fn tables(world: &World) -> Vec<(String, bool, bool)> {
    let rows = sqlx::query(
        "SELECT c.relname::text, c.relrowsecurity,
           EXISTS (SELECT FROM information_schema.columns i
                   WHERE i.table_schema = 'public' AND i.table_name = c.relname AND i.column_name = 'shop_id')
         FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         ORDER BY 1",
    )
    .fetch_all(&mut world.owner().await)
    .await
    .unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(2), row.get(1))).collect()
}

#[tokio::test]
async fn every_table_is_guarded_by_row_or_says_why_not() {
    let world = World::start().await;
    world.shop().await;

    let tables = tables(&world).await;

    assert!(tables.len() >= 15, "{tables:?}");
    for (table, is_of_a_shop, is_guarded) in &tables {
        let exception = OPEN.iter().find(|(name, _)| name == table);
        assert!(*is_guarded || exception.is_some(), "{table} has no row security and no reason");
        assert!(!(*is_of_a_shop && exception.is_some()), "{table} is of a shop: there is no reason");
    }
    for (name, _) in OPEN {
        assert!(tables.iter().any(|(table, _, _)| table == name), "{name} is not there any more");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_role_goes_past_the_walls_by_functions_of_a_fixed_path_alone() {
    let world = World::start().await;
    world.shop().await;
    let owner = &mut world.owner().await;

    // Row security asks the role: it owns nothing, is no superuser and is let past nowhere.
    let is_above: bool = sqlx::query_scalar(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
           OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
         FROM pg_roles r WHERE rolname = 'backroom_inventory'",
    )
    .fetch_one(&mut *owner)
    .await
    .unwrap();
    assert!(!is_above);
    // Views look with the eyes of their owner unless they say otherwise.
    let blind: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
           AND has_table_privilege('backroom_inventory', oid, 'SELECT')
           AND NOT coalesce(reloptions @> '{security_invoker=true}', false)",
    )
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    assert!(blind.is_empty(), "{blind:?} show every shop");
    // The only way past the walls: functions that work as the owner of the schema, so row security is not forced on it.
    // None of them looks for a table or a function where somebody else could put one.
    let functions: Vec<(String, bool)> = sqlx::query_as(
        "SELECT oid::regprocedure::text,
           EXISTS (SELECT FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%')
         FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prosecdef
           AND has_function_privilege('backroom_inventory', oid, 'EXECUTE')",
    )
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    assert!(functions.len() >= 8, "{functions:?}");
    for (function, has_path) in functions {
        assert!(has_path, "{function} works as the owner wherever search_path leads it");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_role_sees_nothing_of_another_shop_in_any_table() {
    let world = World::start().await;
    let (mine, theirs) = (world.shop().await, world.shop().await);
    for shop in [&mine, &theirs] {
        let mut request = shop.request("1", vec![in_unit(add("5", "milk"), "case", Some("6")), count("3", "eggs")]);
        request.paper = Some(proto::inventory::v1::Paper { supplier: "Jumbo".to_owned(), number: "1".to_owned() });
        shop.send(request).await.unwrap();
        shop.undo("2").await.unwrap();
    }
    let mut held = 0;

    for (table, is_of_a_shop, _) in tables(&world).await {
        if !is_of_a_shop {
            continue;
        }
        for (sees, shop_id) in [("no shop", ""), ("another shop", mine.id.as_str())] {
            let mut role = world.service_role(shop_id).await;
            let statement = format!("SELECT count(*) FROM {table} WHERE shop_id::text IS DISTINCT FROM $1");
            let found = sqlx::query_scalar::<_, i64>(AssertSqlSafe(statement)).bind(shop_id).fetch_one(&mut role).await;
            match found {
                Ok(count) => assert_eq!(count, 0, "{table}: rows of others to who sees {sees}"),
                // A table that the role cannot read at all is the highest wall there is.
                Err(error) => {
                    let code = error.as_database_error().and_then(|error| error.code().map(String::from));
                    assert_eq!(code.as_deref(), Some("42501"), "{table}: {error}");
                }
            }
        }
        let statement = format!("SELECT count(*) FROM {table} WHERE shop_id::text = $1");
        let theirs: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(&theirs.id)
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap();
        held += i32::from(theirs > 0);
    }

    assert!(held >= 9, "only {held} tables had a row that could have been seen");
    world.finish().await;
}
