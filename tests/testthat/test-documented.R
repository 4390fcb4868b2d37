# What the pages on homes of data say is run as it is said there.

examples_of <- function(topic) {
  pages <- tools::Rd_db("glmpp")
  page <- pages[[paste0(topic, ".Rd")]]
  if (is.null(page)) return(character())
  file <- tempfile(fileext = ".R")
  tools::Rd2ex(page, file, commentDontrun = FALSE, commentDonttest = FALSE)
  if (file.exists(file)) gsub("interactive()", "TRUE", readLines(file), fixed = TRUE) else character()
}

run_lines <- function(lines, envir = new.env(parent = globalenv())) {
  utils::capture.output(for (expression in parse(text = lines)) eval(expression, envir))
  envir
}

test_that("the examples of the pages on homes run", {
  skip_on_cran()
  for (package in c("RSQLite", "DBI", "dbplyr", "nanoparquet")) skip_if_not_installed(package)
  skip_if(!length(tools::Rd_db("glmpp")), "the help pages are not installed")
  for (topic in c("chunks", "csv_chunks", "parquet_chunks", "in_database", "on_cluster", "glmpp_remote", "predict.glmpp_remote")) {
    lines <- examples_of(topic)
    expect_gt(length(lines), 3, label = topic)
    expect_error(run_lines(lines), NA, info = topic)
  }
})

vignette_lines <- function(name) {
  places <- c(system.file("doc", name, package = "glmpp"), file.path("..", "..", "vignettes", name))
  found <- places[nzchar(places) & file.exists(places)]
  if (length(found)) readLines(found[1], encoding = "UTF-8")
}

# The block of that name, with what only its place has put in the place of what it names there.
block_of <- function(lines, name, changes) {
  start <- grep(sprintf("^```\\{r %s[,}]", name), lines)
  block <- lines[(start + 1):(start + grep("^```$", lines[-seq_len(start)])[1] - 1)]
  for (old in names(changes)) {
    expect_true(any(grepl(old, block, fixed = TRUE)), label = sprintf("block %s has %s", name, old))
    block <- gsub(old, changes[[old]], block, fixed = TRUE)
  }
  block
}

trips <- function() {
  set.seed(3)
  data.frame(id = 1:400, late = rbinom(400, 1, 0.4), distance = round(rexp(400), 2), hour = sample(6:8, 400, TRUE),
      carrier = sample(c("AA", "B6"), 400, TRUE))
}

test_that("the blocks on clusters of the vignette run on nodes of this machine", {
  skip_on_cran()
  skip_if_not_installed("nanoparquet")
  lines <- vignette_lines("far.Rmd")
  skip_if(is.null(lines), "the vignette is not here")
  data <- trips()
  memory <- glmpp(late ~ distance + factor(hour) + carrier, binomial, data)
  folder <- tempfile("trips")
  dir.create(folder)
  for (k in 1:4) nanoparquet::write_parquet(data[data$id %% 4 == k - 1, ], sprintf("%s/%d.parquet", folder, k))
  slurm <- run_lines(c(block_of(lines, "slurm", c(`64, type = "MPI"` = "2", `/scratch/trips` = folder)), "cluster <- cl"))
  on.exit(parallel::stopCluster(slurm$cluster))
  expect_equal(coef(slurm$fit), coef(memory), tolerance = 1e-9)
  for (part in 1:2) {
    connection <- gzfile(sprintf("%s/part-%03d.csv.gz", folder, part))
    utils::write.csv(data[data$id %% 2 == part - 1, ], connection, row.names = FALSE)
  }
  pods <- run_lines(block_of(lines, "kubernetes", c(`/data` = folder)), list2env(list(cl = slurm$cluster), parent = globalenv()))
  memory <- glmpp(late ~ distance + carrier, binomial, data)
  expect_equal(coef(pods$fit), coef(memory), tolerance = 1e-9)
  skip_without_postgres()
  server <- postgres_state$server
  con <- connect_postgres()
  on.exit(disconnect(con), add = TRUE)
  DBI::dbWriteTable(con, "trips", data)
  place <- sprintf("host = \"127.0.0.1\", port = %dL, user = \"tester\", dbname = \"postgres\"", server$port)
  warehouse <- run_lines(block_of(lines, "warehouse", c(`host = "warehouse"` = place)), list2env(list(cl = slurm$cluster), parent = globalenv()))
  expect_equal(coef(warehouse$fit), coef(memory), tolerance = 1e-9)
})
