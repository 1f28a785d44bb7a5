//! Twenty large files at once leave the memory of the process flat.

use std::process::{Child, Command, Stdio};

use proto::messenger::v1 as pb;
use proto::messenger::v1::MediaKind;

use crate::media_stand_in::{File, MediaStandIn};
use crate::world::{Client, World, arguments, client};

const MIB: usize = 1024 * 1024;
const GROWTH_KIB_MAX: u64 = 20 * 1024;

/// Ends the process it holds.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The number of a line of `/proc/<pid>/status`, in KiB.
fn memory_kib(pid: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let value = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
    value.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

async fn read_all(client: Client, pause: std::time::Duration) -> usize {
    let request =
        pb::GetMediaRequest { media_id: "large".to_owned(), kind: MediaKind::Audio.into(), ..Default::default() };
    let mut stream = client.clone().get_media(request).await.unwrap().into_inner();
    let mut count = 0;
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(pb::get_media_response::Part::Chunk(chunk)) = message.part {
            count += chunk.len();
        }
        tokio::time::sleep(pause).await;
    }
    count
}

async fn read_by_all(clients: &[Client], size: usize) {
    let readers: Vec<_> = (0..)
        .zip(clients)
        .map(|(i, client)| tokio::spawn(read_all(client.clone(), std::time::Duration::from_micros(100 * i))))
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), size);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_files_of_16_mb_at_once_take_less_than_20_mb() {
    let world = World::start(&[]).await;
    world.leave(); // its database serves the process that is measured
    let media = MediaStandIn::start().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let arguments = arguments(&world.database_url, &world.graph);
    let arguments = arguments.iter().skip(1);
    let process = Command::new(env!("CARGO_BIN_EXE_messenger-svc"))
        .args(arguments.filter(|it| !it.starts_with("--listen-addr") && !it.starts_with("--graph-api-url")))
        .arg(format!("--listen-addr=127.0.0.1:{port}"))
        .arg(format!("--graph-api-url={}", media.url))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = Running(process);
    let url = format!("http://127.0.0.1:{port}");
    let first = client(&url).await;
    world.client.clone().get_message(pb::GetMessageRequest::default()).await.ok();
    // On one connection and on many, by readers of different speed.
    let mut clients = Vec::new();
    for i in 0..20 {
        clients.push(if i % 2 == 0 { first.clone() } else { client(&url).await });
    }
    media.put("large", File { size: MIB / 16, ..File::default() });
    read_by_all(&clients, MIB / 16).await;
    let resting = memory_kib(process.0.id(), "VmRSS");

    media.put("large", File { size: 16 * MIB, ..File::default() });
    read_by_all(&clients, 16 * MIB).await;

    let peak = memory_kib(process.0.id(), "VmHWM");
    eprintln!("resting {resting} KiB, peak {peak} KiB, growth {} KiB", peak - resting);
    assert!(peak - resting < GROWTH_KIB_MAX, "resting {resting} KiB, peak {peak} KiB");
}
