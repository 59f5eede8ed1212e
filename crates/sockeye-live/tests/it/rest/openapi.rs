//! The document of OpenAPI and its page.

use crate::rest::shop::Shop;

#[tokio::test]
async fn the_document_names_paths_and_columns_that_its_reader_may_see() {
    let shop = Shop::new().await;
    let answer = shop.client.get("/openapi.json").await;
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
