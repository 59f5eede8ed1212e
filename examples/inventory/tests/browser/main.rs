//! The inventory as people meet it: the real program, and real browsers that look at one table.

mod page;
mod server;

use fixtures::Postgres;
use fixtures::browser::Failure;
use tokio::sync::Mutex;

use crate::page::Page;
use crate::server::{File, Inventory, run};

/// Held by each test: two browsers at a time are enough for a small machine to keep the deadlines.
static BROWSERS: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn two_windows_change_one_table() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let file = File::new()?;
    let server = Inventory::start("127.0.0.1:0", &file.url()).await?;
    let ada = Page::open(server.address(), "products", "Ada").await?;
    let bob = Page::open(server.address(), "products", "Bob").await?;
    ada.shows(&[]).await?;
    bob.shows(&[]).await?;

    ada.add(&[("name", "<i>apple</i>"), ("price", "300"), ("stock", "5")])
        .await?;
    let apple: &[&str] = &["<i>apple</i>", "300", "5"];
    bob.shows(&[apple]).await?;
    bob.add(&[("name", "pear"), ("price", "400"), ("stock", "6")])
        .await?;
    ada.shows(&[apple, &["pear", "400", "6"]]).await?;

    ada.edit(0, "name", "apple").await?;
    bob.shows(&[&["apple", "300", "5"], &["pear", "400", "6"]])
        .await?;
    bob.edit(1, "stock", "0").await?;
    ada.shows(&[&["apple", "300", "5"], &["pear", "400", "0"]])
        .await?;

    ada.click(0, "delete").await?;
    bob.shows(&[&["pear", "400", "0"]]).await?;
    ada.close().await;
    bob.close().await;
    Ok(())
}

#[tokio::test]
async fn rows_come_into_a_filter_and_leave_it() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let file = File::new()?;
    let server = Inventory::start("127.0.0.1:0", &file.url()).await?;
    let ada = Page::open(server.address(), "products", "Ada").await?;
    let bob = Page::open(server.address(), "products", "Bob").await?;
    ada.add(&[("name", "apple"), ("price", "300"), ("stock", "5")])
        .await?;
    ada.shows(&[&["apple", "300", "5"]]).await?;
    ada.add(&[("name", "melon"), ("price", "900"), ("stock", "2")])
        .await?;
    bob.shows(&[&["apple", "300", "5"], &["melon", "900", "2"]])
        .await?;

    bob.filter("price", "500").await?;
    bob.shows(&[&["apple", "300", "5"]]).await?;
    ada.edit(1, "price", "499").await?;
    bob.shows(&[&["apple", "300", "5"], &["melon", "499", "2"]])
        .await?;
    ada.edit(0, "price", "500").await?;
    bob.shows(&[&["melon", "499", "2"]]).await?;
    ada.shows(&[&["apple", "500", "5"], &["melon", "499", "2"]])
        .await?;

    bob.edit(0, "price", "501").await?;
    bob.shows(&[]).await?;
    bob.filter("price", "").await?;
    bob.filter("name", "mel").await?;
    bob.shows(&[&["melon", "501", "2"]]).await?;
    ada.close().await;
    bob.close().await;
    Ok(())
}

#[tokio::test]
async fn what_is_refused_is_told_and_put_back() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let file = File::new()?;
    let server = Inventory::start("127.0.0.1:0", &file.url()).await?;
    let ada = Page::open_on_a_phone(server.address(), "products", "Ada").await?;
    ada.add(&[("name", "apple"), ("price", "300"), ("stock", "5")])
        .await?;
    ada.shows(&[&["apple", "300", "5"]]).await?;
    ada.edit(0, "price", "-1").await?;
    ada.until("a reason", |seen| {
        seen.trouble.contains("a price is not below zero")
    })
    .await?;
    ada.shows(&[&["apple", "300", "5"]]).await?;
    ada.close().await;
    Ok(())
}

#[tokio::test]
async fn both_windows_come_back_after_the_server_was_killed() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let file = File::new()?;
    let server = Inventory::start("127.0.0.1:0", &file.url()).await?;
    let address = server.address().to_owned();
    let ada = Page::open(&address, "orders", "Ada").await?;
    let bob = Page::open(&address, "orders", "Bob").await?;
    ada.add(&[("customer", "Eve"), ("product", "pear"), ("amount", "3")])
        .await?;
    bob.shows(&[&["Eve", "pear", "3", "false"]]).await?;

    server.kill().await?;
    for page in [&ada, &bob] {
        page.until("word of the lost connection", |seen| {
            seen.state == "reconnecting"
        })
        .await?;
    }
    let server = Inventory::start(&address, &file.url()).await?;
    ada.shows(&[&["Eve", "pear", "3", "false"]]).await?;
    bob.shows(&[&["Eve", "pear", "3", "false"]]).await?;
    ada.click(0, "sent").await?;
    bob.shows(&[&["Eve", "pear", "3", "true"]]).await?;
    ada.close().await;
    bob.close().await;
    server.kill().await
}

#[tokio::test]
async fn what_psql_writes_is_seen_once_the_trigger_is_installed() -> Result<(), Failure> {
    let _turn = BROWSERS.lock().await;
    let postgres = Postgres::shared().await;
    let url = postgres.fresh_database().await;
    run("install-trigger", &url).await?;
    let server = Inventory::start("127.0.0.1:0", &url).await?;
    let ada = Page::open(server.address(), "products", "Ada").await?;
    ada.shows(&[]).await?;
    let psql = async |statements: &str| {
        let done = postgres.psql(&url, statements).await;
        done.map_err(Failure::new)
    };
    psql("INSERT INTO products (name, price, stock) VALUES ('apple', 300, 5), ('pear', 400, 6)")
        .await?;
    ada.shows(&[&["apple", "300", "5"], &["pear", "400", "6"]])
        .await?;
    psql("UPDATE products SET stock = stock - 1; DELETE FROM products WHERE name = 'apple'")
        .await?;
    ada.shows(&[&["pear", "400", "5"]]).await?;
    psql("TRUNCATE products").await?;
    ada.shows(&[]).await?;
    ada.close().await;
    Ok(())
}
