//! Servers start, answer, crash, come back, and leave nothing behind.
#![expect(clippy::unwrap_used, reason = "the helpers below are tests, too; clippy.toml excuses only test functions")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_postgres::{LocalPostgres, Options, fresh_database};
use sqlx::{Connection as _, Executor as _, PgConnection};

async fn start(options: Options) -> LocalPostgres {
    tokio::task::spawn_blocking(|| LocalPostgres::start(options)).await.unwrap().unwrap()
}

async fn connect(server: &LocalPostgres) -> PgConnection {
    PgConnection::connect(&server.url("postgres")).await.unwrap()
}

async fn count_rows(server: &LocalPostgres) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connect(server).await).await.unwrap()
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "still not so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[tokio::test]
async fn starts_and_answers() {
    let server = start(Options::temporary()).await;
    let folder = server.data_dir().parent().unwrap().to_owned();

    let mut connection = connect(&server).await;
    let (encoding, user): (String, String) =
        sqlx::query_as("SELECT current_setting('server_encoding'), current_user::text")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((encoding.as_str(), user.as_str()), ("UTF8", "backroom"));

    drop(server); // with a client still connected
    assert!(!folder.exists());
}

#[tokio::test]
async fn wrong_password_is_refused() {
    let server = start(Options::temporary()).await;

    let refused =
        PgConnection::connect(&format!("postgres://backroom:guess@127.0.0.1:{}/postgres", server.port())).await;

    assert!(refused.unwrap_err().to_string().contains("password authentication failed"));
}

#[tokio::test]
async fn two_servers_get_different_ports() {
    let (one, two) = tokio::join!(start(Options::temporary()), start(Options::temporary()));

    assert_ne!(one.port(), two.port());
    assert_ne!(one.data_dir(), two.data_dir());
}

#[tokio::test]
async fn port_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = Options { port: Some(taken.local_addr().unwrap().port()), ..Options::temporary() };

    let error = tokio::task::spawn_blocking(|| LocalPostgres::start(options)).await.unwrap().unwrap_err();

    assert!(format!("{error:#}").contains("Address already in use"), "{error:#}");
}

#[tokio::test]
async fn nonsense_setting_is_said_with_the_log() {
    let options = Options { settings: vec![("no_such_setting".into(), "1".into())], ..Options::temporary() };

    let error = tokio::task::spawn_blocking(|| LocalPostgres::start(options)).await.unwrap().unwrap_err();

    assert!(format!("{error:#}").contains("no_such_setting"), "{error:#}");
}

#[tokio::test]
async fn committed_rows_survive_a_crash() {
    let settings = vec![("synchronous_commit".into(), "on".into())];
    let server = start(Options { settings, ..Options::temporary() }).await;
    let mut connection = connect(&server).await;
    connection.execute("CREATE TABLE kept (id int)").await.unwrap();

    for round in 1..=3 {
        connection.execute("INSERT INTO kept VALUES (1)").await.unwrap();
        let port = server.port();
        server.kill().unwrap();
        assert!(connection.execute("SELECT 1").await.is_err(), "the crash cuts clients off");
        server.restart().unwrap();

        assert_eq!(server.port(), port);
        assert_eq!(count_rows(&server).await, round);
        connection = connect(&server).await;
    }
}

#[tokio::test]
async fn second_start_keeps_data_and_password() {
    let folder = reachable_folder();
    let options = Options::durable(folder.path().join("pg"));
    let first = start(options.clone()).await;
    connect(&first).await.execute("CREATE TABLE kept AS SELECT 1").await.unwrap();
    let password = std::fs::read_to_string(folder.path().join("pg.password")).unwrap();
    first.stop();

    let second = start(options).await;

    assert!(second.url("postgres").contains(&password));
    assert_eq!(count_rows(&second).await, 1);
    drop((first, second));
    assert!(folder.path().join("pg/PG_VERSION").exists(), "only temporary data is removed");
}

#[tokio::test]
async fn server_left_over_is_stopped_first() {
    let folder = reachable_folder();
    let options = Options::durable(folder.path().join("pg"));
    let first = start(options.clone()).await;
    connect(&first).await.execute("CREATE TABLE kept AS SELECT 1").await.unwrap();

    let second = start(options).await; // the first still runs, as after a supervisor's death

    assert_eq!(count_rows(&second).await, 1);
    assert!(first.port() == second.port() || !is_listening(first.port()));
}

#[tokio::test]
async fn existing_database_is_left_alone() {
    let server = start(Options::temporary()).await;

    let (one, two) = tokio::join!(server.create_database("odd\"name"), server.create_database("odd\"name"));

    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn fresh_databases_are_empty_and_apart() {
    let (one, two) = tokio::join!(fresh_database("apart"), fresh_database("apart"));

    assert_ne!(one, two);
    for url in [one, two] {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        connection.execute("CREATE TABLE same_name (id int)").await.unwrap();
    }
}

#[test]
fn server_dies_with_a_killed_process() {
    let (mut parent, port, folder) = process_that("holds_a_server");
    assert!(is_listening(port) && folder.exists());

    parent.kill().unwrap();
    parent.wait().unwrap();

    eventually("the server is gone", || !is_listening(port));
    eventually("its directory is gone", || !folder.exists());
}

#[test]
fn directory_goes_though_the_server_was_killed_before() {
    let (mut parent, port, folder) = process_that("holds_a_killed_server");
    assert!(!is_listening(port) && folder.exists());

    parent.kill().unwrap();
    parent.wait().unwrap();

    eventually("the directory is gone", || !folder.exists());
}

#[test]
#[ignore = "the other half of server_dies_with_a_killed_process"]
fn holds_a_server() {
    hold(&LocalPostgres::start(Options::temporary()).unwrap());
}

#[test]
#[ignore = "the other half of directory_goes_though_the_server_was_killed_before"]
fn holds_a_killed_server() {
    let server = LocalPostgres::start(Options::temporary()).unwrap();
    server.kill().unwrap();
    hold(&server);
}

#[expect(clippy::print_stdout, reason = "the other half reads it")]
fn hold(server: &LocalPostgres) {
    println!("holding {} {}", server.port(), server.data_dir().parent().unwrap().display());
    std::thread::sleep(Duration::from_mins(1)); // killed long before
}

/// Runs one of the halves above in a process of its own and returns the port and folder it holds.
fn process_that(half: &str) -> (Child, u16, PathBuf) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", half, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let line = BufReader::new(process.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("holding ").map(|(_, rest)| rest.to_owned()))
        .unwrap();
    let (port, folder) = line.split_once(' ').unwrap();
    (process, port.parse().unwrap(), folder.into())
}

/// A folder the server's user can get to, though `tempdir` makes folders for ours alone.
fn reachable_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}
