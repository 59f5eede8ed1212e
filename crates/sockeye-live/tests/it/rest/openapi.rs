//! The document of OpenAPI and its page.

use crate::rest::shop::Shop;

#[tokio::test]
async fn the_document_names_paths_and_columns_that_its_reader_may_see() {
    let shop = Shop::new().await;
    let answer = shop.client.of("staff").get("/openapi.json").await;
    let document = answer.json(200);
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    let expected = [
        "/api/orders",
        "/api/orders/{key}",
        "/api/products",
        "/api/products/{key}",
        "/api/shelves",
        "/api/shelves/{key}",
    ];
    assert_eq!(paths, expected);
    assert!(!answer.body.contains("\"cost\""));
    let schemas = &document["components"]["schemas"];
    let required: Vec<_> = schemas["products.create"]["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(required, ["name", "price", "kind"]);
    assert!(schemas["products.create"]["properties"].get("id").is_none());
    assert!(
        schemas["products.create"]["properties"]
            .get("sold")
            .is_none()
    );
    assert!(schemas["products"]["properties"].get("sold").is_some());
    assert_eq!(schemas["products"]["properties"]["name"]["maxLength"], 40);
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    assert_eq!(
        document["paths"]["/api/products"]["get"]["parameters"][0]["schema"]["maximum"],
        500
    );
    shop.client
        .of("unknown")
        .get("/openapi.json")
        .await
        .faults(401);
}

#[tokio::test]
async fn the_document_is_silent_on_what_its_reader_may_not() {
    let shop = Shop::new().await;
    let document = shop.client.get("/openapi.json").await;
    assert!(!document.body.contains("orders"));
    let document = document.json(200);
    let methods = |path: &str| {
        let item = document["paths"][path].as_object().unwrap();
        let methods = item.keys().filter(|name| *name != "parameters");
        methods.cloned().collect::<Vec<_>>()
    };
    assert_eq!(methods("/api/products"), ["get"]);
    assert_eq!(methods("/api/products/{key}"), ["get"]);
    assert_eq!(methods("/api/shelves"), ["get", "post"]);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let products = schemas.keys().filter(|name| name.starts_with("products"));
    assert_eq!(products.collect::<Vec<_>>(), ["products", "products.page"]);

    let blind = shop
        .client
        .of("staff-blind")
        .get("/openapi.json")
        .await
        .json(200);
    assert!(blind["paths"]["/api/products"].get("get").is_none());
    let schemas = &blind["components"]["schemas"];
    assert!(schemas.get("products").is_none() && schemas.get("products.page").is_none());
    let made = &blind["paths"]["/api/products"]["post"]["responses"]["201"];
    assert!(
        made["headers"]["Location"].is_object() && made.get("content").is_none(),
        "{made}"
    );
}

#[tokio::test]
async fn the_page_asks_nobody_else() {
    let shop = Shop::new().await;
    let page = shop.client.get("/docs").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(!page.body.contains("://"), "the page names another server");
}
