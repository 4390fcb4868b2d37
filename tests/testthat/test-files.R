rows <- remote_rows()
rows$text[5] <- "with, comma and\nline break"

write_rows <- function(data, file = new_file(".csv")) {
  utils::write.csv(data, file, row.names = FALSE)
  file
}

test_that("a fit to CSV files is the fit to the rows, for any number of rows in a chunk", {
  first <- write_rows(rows[1:150, ])
  second <- write_rows(rows[151:400, rev(names(rows))])
  expected <- glmpp(count ~ x + text + on + factor(id > 12), poisson, rows)
  for (size in c(1, 33, 1e5)) {
    expect_same_fit(glmpp(count ~ x + text + on + factor(id > 12), poisson, csv_chunks(c(first, second), size)), expected)
  }
})

test_that("a cache changes nothing but the time, and goes with the fit", {
  file <- write_rows(rows)
  before <- list.files(tempdir(), "glmpp-cache")
  fit <- function(cache, ...) glmpp(count ~ x + text + on, poisson, csv_chunks(file, 90, cache = cache), ...)
  expect_same_fit(fit(TRUE), glmpp(count ~ x + text + on, poisson, rows))
  expect_identical(coef(fit(TRUE)), coef(fit(FALSE)))
  expect_equal(coef(fit(TRUE, solver = sgd(seed = 3))), coef(fit(FALSE, solver = sgd(seed = 3))))
  expect_equal(vcov(fit(TRUE), type = "HC1", cluster = ~id), vcov(fit(FALSE), type = "HC1", cluster = ~id))
  expect_equal(list.files(tempdir(), "glmpp-cache"), before)
})

test_that("a full disk costs time and a warning, not the fit", {
  file <- write_rows(rows)
  expected <- glmpp(count ~ x + text, poisson, rows)
  full_disk <- function(adds, finishes) {
    function() {
      real <- new_cache()
      real$add <- function(...) adds
      real$finish <- function() finishes
      real
    }
  }
  new_cache <- glmpp:::new_cache
  for (disk in list(full_disk(FALSE, TRUE), full_disk(TRUE, FALSE))) {
    before <- list.files(tempdir(), "glmpp-cache")
    expect_warning(with_replaced("new_cache", disk, fit <- glmpp(count ~ x + text, poisson, csv_chunks(file, 90))), "no room",
                   class = "glmpp_warning_cache")
    expect_same_fit(fit, expected)
    expect_equal(list.files(tempdir(), "glmpp-cache"), before)
  }
})

test_that("marks of missing values count in quotes and between blanks", {
  file <- new_file(".csv")
  writeLines(c("y,g,x", "1,a,2", "0, NA ,3", "1,b,1", "0,\"NA\",\"NA\"", "1,,4", "0,a,5"), file)
  for (size in c(2, 100)) {
    reader <- glmpp:::open_reader(csv_chunks(file, size), NULL)
    parts <- list()
    while (!is.null(part <- reader$next_part())) parts <- c(parts, list(part))
    reader$close()
    part <- do.call(rbind, parts)
    expect_equal(as.list(part), list(y = c(1, 0, 1, 0, 1, 0), g = c("a", NA, "b", NA, NA, "a"), x = c(2, 3, 1, NA, 4, 5)),
                 ignore_attr = TRUE)
  }
})

test_that("base R reads the same as data.table", {
  skip_if_not_installed("data.table")
  file <- write_rows(rows)
  names <- names(utils::read.csv(file, nrows = 1))
  records <- paste(readLines(file)[-1], "\n", sep = "", collapse = "")
  selected <- match(c("x", "text", "on", "count", "id"), names)
  read_by <- function(parse) unname(as.list(parse(records, csv_chunks(file), names, sort(selected), match("id", names))))
  expect_equal(read_by(glmpp:::parse_by_read_table), read_by(glmpp:::parse_by_fread))
})

test_that("compressed files, a missing last line break, other separators and marks of missing values are read", {
  file <- new_file(".csv.gz")
  connection <- gzfile(file, "wb")
  writeBin(charToRaw("\xef\xbb\xbfy;x;g\r\n1;0,5;a\r\n\r\n0;-;b\r\n1;2,5;a\r\n0;1,25;b"), connection)
  close(connection)
  reader <- glmpp:::open_reader(csv_chunks(file, 3, sep = ";", dec = ",", na = "-"), NULL)
  part <- reader$next_part()
  expect_equal(as.list(part), list(y = c(1, 0, 1), x = c(0.5, NA, 2.5), g = c("a", "b", "a")), ignore_attr = TRUE)
  expect_equal(reader$next_part()$x, 1.25)
  expect_null(reader$next_part())
  reader$close()
})

test_that("a column that changes its type is named, with file and chunk", {
  changed <- transform(rows, z = replace(as.character(z), 250, "n/a"))
  file <- write_rows(changed)
  expect_error(glmpp(count ~ z, poisson, csv_chunks(file, 100)), "chunk 3 of file .*n/a", class = "glmpp_error_parts")
  expect_s3_class(glmpp(count ~ z, poisson, csv_chunks(file, 100, na = c("NA", "n/a"))), "glmpp_remote")
  late <- transform(rows, text = replace(text, 1:300, NA))
  expect_same_fit(glmpp(count ~ text, poisson, csv_chunks(write_rows(late), 100)), glmpp(count ~ text, poisson, late))
  zip <- transform(rows, code = sprintf("%02d", id %% 3))
  by_text <- glmpp(count ~ code, poisson, csv_chunks(write_rows(zip), 100, types = c(code = "text")))
  expect_same_fit(by_text, glmpp(count ~ code, poisson, zip))
})

test_that("dates and times are read as such in every chunk and file", {
  set.seed(1)
  dated <- data.frame(x = rnorm(300), day = as.Date("2020-01-01") + sample(400, 300, TRUE))
  dated$time <- as.POSIXct("2020-01-01", tz = "UTC") + 977 * sample(4000, 300, TRUE)
  dated$y <- rpois(300, exp(0.2 * dated$x))
  dated$day[c(3, 150)] <- NA
  dated$day[201:260] <- NA
  written <- transform(dated, time = format(time, "%Y-%m-%d %H:%M:%S"))
  files <- c(write_rows(written[1:120, ]), write_rows(written[121:300, ]))
  for (formula in list(y ~ x + day, y ~ as.numeric(day), y ~ I(day - min(day, na.rm = TRUE)), y ~ time, y ~ I(day > "2020-06-01"), y ~ months(day))) {
    for (size in c(50, 1000)) expect_same_fit(glmpp(formula, poisson, csv_chunks(files, size)), glmpp(formula, poisson, dated), 1e-7)
  }
  by_base <- function(parse) {
    source <- csv_chunks(files[1])
    records <- paste(readLines(files[1])[-1], "\n", sep = "", collapse = "")
    part <- parse(records, source, names(written), seq_along(written), integer())
    lapply(part, glmpp:::read_dates, NULL)
  }
  skip_if_not_installed("data.table")
  expect_equal(by_base(glmpp:::parse_by_read_table), by_base(glmpp:::parse_by_fread), ignore_attr = TRUE)
  mixed <- write_rows(transform(dated, day = replace(as.character(day), 200, "unknown")))
  expect_error(glmpp(y ~ day, poisson, csv_chunks(mixed, 100)), "It is text in chunk 2.*it was date before", class = "glmpp_error_parts")
  text <- glmpp(y ~ substr(day, 1, 4), poisson, csv_chunks(files, 50, types = c(day = "text")))
  expect_equal(length(coef(text)), 2)
})

test_that("files in other encodings are read as they say, and told where they don't", {
  town <- c("K\u00f6ln", "M\u00fcnchen", "Bonn")
  data <- data.frame(y = c(1, 0, 1, 1, 1, 0, 0, 0, 0), town = rep(town, 3))
  file <- new_file(".csv")
  lines <- c("y,\"town\"", sprintf("%d,%s", data$y, data$town))
  writeBin(unlist(lapply(iconv(paste0(lines, "\n"), "UTF-8", "latin1", toRaw = TRUE), identity)), file)
  far <- glmpp(y ~ town, binomial, csv_chunks(file, 4, encoding = "latin1"))
  expect_equal(coef(far), coef(glmpp(y ~ town, binomial, data)), tolerance = 1e-8)
  expect_error(glmpp(y ~ town, binomial, csv_chunks(file, 4)), "latin1", class = "glmpp_error_encoding")
  expect_error(csv_chunks(file, encoding = "none such"), class = "glmpp_error_argument")
  expect_error(csv_chunks(file, encoding = "UTF-16"), "UTF-8 first", class = "glmpp_error_argument")
})

test_that("files that can't be read are named", {
  expect_error(csv_chunks("no such file"), class = "glmpp_error_argument")
  expect_error(csv_chunks(tempdir()), "folder", class = "glmpp_error_argument")
  expect_error(csv_chunks(1), class = "glmpp_error_argument")
  expect_error(csv_chunks(write_rows(rows), types = "text"), class = "glmpp_error_argument")
  ragged <- new_file(".csv")
  writeLines(c("y,x", "1,2", "0,3,4", "1,1", "0,2"), ragged)
  expect_error(glmpp(y ~ x, binomial, csv_chunks(ragged)), "chunk 1 of file", class = "glmpp_error_parts")
  expect_error(glmpp(count ~ x, poisson, csv_chunks(c(write_rows(rows), write_rows(rows["count"])))), "no column `x`",
               class = "glmpp_error_parts")
})

test_that("connections are closed, however a fit ends", {
  file <- write_rows(rows)
  open <- nrow(showConnections())
  glmpp(count ~ x, poisson, csv_chunks(file, 100))
  glmpp(count ~ x, poisson, csv_chunks(file, 100), solver = sgd(epochs = 1))
  expect_error(glmpp(count ~ nowhere, poisson, csv_chunks(file, 100)), class = "glmpp_error")
  interrupt <- function(x) if (interrupting) stop(structure(class = c("interrupt", "condition"), list())) else x
  interrupting <- TRUE
  tryCatch(glmpp(count ~ interrupt(x), poisson, csv_chunks(file, 100)), interrupt = identity)
  expect_equal(nrow(showConnections()), open)
})

test_that("a progress bar counts rows and passes", {
  old <- options(glmpp.progress = "text")
  on.exit(options(old))
  file <- write_rows(rows)
  shown <- paste(utils::capture.output(glmpp(count ~ x, poisson, csv_chunks(file, 100))), collapse = "\n")
  expect_match(shown, "First look: 400 rows")
  expect_match(shown, "Pass 1.*100%.*Pass 2")
})

test_that("a fit to Parquet files is the fit to the rows", {
  skip_if_not_installed("nanoparquet")
  files <- c(new_file(".parquet"), new_file(".parquet"))
  nanoparquet::write_parquet(rows[1:150, ], files[1])
  nanoparquet::write_parquet(rows[151:400, ], files[2])
  expect_same_fit(glmpp(count ~ x + text + on, poisson, parquet_chunks(files)), glmpp(count ~ x + text + on, poisson, rows))
  writeLines("junk", files[2])
  expect_error(glmpp(count ~ x, poisson, parquet_chunks(files)), basename(files[2]), class = "glmpp_error_parts")
})
