# The text of a summary without what differs by the call and the way to the data.
summary_text <- function(fit) {
  lines <- utils::capture.output(print(summary(fit)))
  from <- grep("^Coefficients:", lines)
  grep("^Solver:|^Number of", lines[from:length(lines)], value = TRUE, invert = TRUE)
}

test_that("one data set has one summary, from all homes of the data", {
  skip_on_cran()
  skip_if_not_installed("DBI")
  skip_if_not_installed("RSQLite")
  rows <- with_local_seed(1, {
    x <- rnorm(500)
    data.frame(x = replace(x, 3, NA), g = sample(c("a", "b", "c"), 500, TRUE), y = rbinom(500, 1, plogis(x)))
  })
  halves <- split(rows, rep(1:2, each = 250))
  given <- 0
  next_half <- function(reset) {
    given <<- if (reset) 0 else given + 1
    if (!reset && given <= 2) halves[[given]]
  }
  file <- tempfile(fileext = ".csv")
  utils::write.csv(rows, file, row.names = FALSE)
  connection <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  cluster <- parallel::makeCluster(2)
  on.exit({
    parallel::stopCluster(cluster)
    DBI::dbDisconnect(connection)
    unlink(file)
  })
  RSQLite::initExtension(connection, "math")
  DBI::dbWriteTable(connection, "d", rows)
  homes <- list(
    chunks = chunks(next_half), file = csv_chunks(file), cluster = on_cluster(cluster, halves[[part]]),
    stream = in_database(connection, "d", where = "stream"), database = in_database(connection, "d", where = "database")
  )
  memory <- glmpp(y ~ x + g, binomial, rows)
  for (home in names(homes)) {
    fit <- glmpp(y ~ x + g, binomial, homes[[home]])
    expect_identical(summary_text(fit), summary_text(memory), info = home)
    expect_equal(coef(fit), coef(memory), tolerance = 1e-12, info = home)
  }
})

test_properties("chunks()", home_properties, chunks_of)

test_properties("csv_chunks()", home_properties, function(data, rows) {
  files <- lapply(split(data, (seq_len(nrow(data)) - 1) %/% rows), function(part) {
    file <- new_file(".csv")
    utils::write.csv(part, file, row.names = FALSE)
    file
  })
  csv_chunks(unlist(files))
})

if (requireNamespace("DBI", quietly = TRUE) && requireNamespace("RSQLite", quietly = TRUE)) {
  connection <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  RSQLite::initExtension(connection, "math")
  in_table <- function(where) {
    function(data, rows) {
      DBI::dbWriteTable(connection, "rows", data, overwrite = TRUE)
      in_database(connection, "rows", where = where)
    }
  }
  for (where in c("stream", "database")) test_properties(sprintf("in_database(where = \"%s\")", where), home_properties, in_table(where))
  DBI::dbDisconnect(connection)
}
