# Ctrl-C in the middle of a fit. A shell sends the signal, to a loop that ends by it.

skip_on_os("windows")
skip_on_cran()

long_data <- function(rows = 60000, columns = 40) {
  data <- data.frame(y = as.numeric(cos(seq_len(rows)) > 0.2))
  data$x <- matrix(sin(outer(seq_len(rows), sqrt(seq_len(columns)))), rows)
  data
}

# Repeats an expression until it is interrupted; tells whether that was inside `where`. It must have been evaluated once: R does not
# recover from two interrupts while it loads a function for the first time.
interrupted_in <- function(expression, where, seconds = 0.1) {
  expression <- substitute(expression)
  envir <- parent.frame()
  inside <- NA
  # system() ignores interrupts until it has returned: on a busy machine that can be later than the signal.
  ready <- tempfile()
  on.exit(unlink(ready))
  tryCatch(withCallingHandlers({
    system(sprintf("(while [ ! -e %s ]; do sleep 0.01; done; sleep %g; kill -INT %d) >/dev/null 2>&1 &",
                   shQuote(ready), seconds, Sys.getpid()))
    file.create(ready)
    until <- Sys.time() + 60
    while (Sys.time() < until) eval(expression, envir)
  }, interrupt = function(i) {
    called <- vapply(sys.calls(), function(call) deparse1(call[[1]])[1], "")
    inside <<- where %in% called
  }), interrupt = function(i) NULL)
  inside
}

test_that("an interrupt ends a fit and leaves the session as it was", {
  data <- long_data()
  before <- glmpp(y ~ x, binomial, data)
  set.seed(5)
  state <- list(.Random.seed, options(), showConnections(all = TRUE), getwd())
  # Where a signal falls is chance: about every second one falls into the native fit, the others into R's own steps.
  inside <- logical()
  while (length(inside) < 5 || (isFALSE(any(inside)) && length(inside) < 20)) {
    threads <- 1 + length(inside) %% 5
    inside <- c(inside, interrupted_in(glmpp(y ~ x, binomial, data, threads = threads), "fit_impl", 0.05 * threads))
  }
  expect_true(any(inside))
  expect_identical(list(.Random.seed, options(), showConnections(all = TRUE), getwd()), state)
  after <- glmpp(y ~ x, binomial, data)
  expect_identical(coef(after), coef(before))
  expect_identical(after$deviance, before$deviance)
})

test_that("an interrupt is heard in a family that is called back", {
  data <- long_data(20000, 3)
  family <- binomial()
  body(family$linkinv) <- quote({
    Sys.sleep(0.05)
    plogis(eta)
  })
  glmpp(y ~ x, family, data)
  expect_true(interrupted_in(glmpp(y ~ x, family, data), "fit_impl"))
})

test_that("interrupted fits leave no memory behind", {
  skip_if_not(file.exists("/proc/self/status"))
  # Sanitizers keep what is freed for a while.
  skip_if(nzchar(Sys.getenv("LD_PRELOAD")))
  # In a process whose C library gives every large block back as soon as it is freed: otherwise what it keeps is chance.
  script <- tempfile(fileext = ".R")
  on.exit(unlink(script))
  writeLines(c(
    sprintf(".libPaths(%s); library(glmpp)", deparse1(.libPaths())),
    "long_data <-", deparse(long_data), "interrupted_in <-", deparse(interrupted_in),
    deparse(quote({
      resident <- function() {
        # What a finalizer lets go of is freed by the collection after the one that ran it.
        for (collection in 1:3) gc()
        as.numeric(gsub("[^0-9]", "", grep("^VmRSS", readLines("/proc/self/status"), value = TRUE))) / 1024
      }
      data <- long_data(200000, 8)
      family <- poisson()
      family$aic <- function(...) NA
      body(family$linkinv) <- quote(exp(eta))  # rows are copied for a family that is called back
      glmpp(y ~ x, family, data, threads = 1)
      cat(vapply(1:30, function(round) {
        interrupted_in(glmpp(y ~ x, family, data, threads = 1), "fit_impl", 0.1)
        resident()
      }, 0))
    }))
  ), script)
  used <- scan(text = system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", script), stdout = TRUE,
                              env = "MALLOC_MMAP_THRESHOLD_=65536"), quiet = TRUE)
  expect_length(used, 30)
  # One vector of the rows left in each round would be 30 MB.
  expect_lt(min(used[26:30]) - min(used[6:10]), 20)
})

# What a person sees who presses Ctrl-C in a terminal, where the nodes hear it too.
press_in_terminal <- function(lines, limit = 40) {
  skip_if_not(nzchar(Sys.which("python3")), "python3 is there")
  skip_if(nzchar(Sys.getenv("LD_PRELOAD")))
  script <- tempfile(fileext = ".R")
  library_lines <- sprintf(".libPaths(%s); library(glmpp)", deparse1(.libPaths()))
  writeLines(c(library_lines, lines), script)
  on.exit(unlink(script))
  system2("python3", c(test_path("fixtures", "terminal.py"), script, limit), stdout = TRUE, stderr = TRUE)
}

cluster_lines <- c(
  "cl <- parallel::makeCluster(2)",
  "small <- glmpp(am ~ wt, binomial, data = on_cluster(cl, mtcars[seq(part, 32, by = parts), ]))",
  "after <- function() {",
  "  said <- parallel::clusterCall(cl, function() 42)",
  "  again <- glmpp(am ~ wt, binomial, data = on_cluster(cl, mtcars[seq(part, 32, by = parts), ]))",
  "  cat(if (identical(said, list(42, 42)) && isTRUE(all.equal(coef(again), coef(small)))) 'WORKS\\n' else 'BROKEN\\n')",
  "  parallel::stopCluster(cl)",
  "  cat('DONE\\n')",
  "}"
)

expect_returned <- function(seen, label) {
  text <- paste(seen, collapse = "\n")
  expect_match(text, "RETURNED", label = label)
  expect_match(text, "WORKS", label = label)
}

test_that("Ctrl-C ends a fit on a cluster at once, and the cluster works afterwards", {
  # An hour of work, were it not interrupted.
  expect_returned(press_in_terminal(c(
    cluster_lines, "cat('PRESS\\n')",
    "glmpp(am ~ wt, binomial, data = on_cluster(cl, { Sys.sleep(3600); mtcars }))"
  )), "data made on the nodes")
  file <- normalizePath(tempfile(fileext = ".csv"), mustWork = FALSE)
  on.exit(unlink(file))
  set.seed(9)
  utils::write.csv(data.frame(y = rbinom(50000, 1, 0.5), x = rnorm(50000), z = rnorm(50000)), file, row.names = FALSE)
  steps <- "solver = gradient_descent(iterations = 100000, tolerance = 0))"
  expect_returned(press_in_terminal(c(
    cluster_lines, "cat('PRESS\\n')",
    sprintf("glmpp(y ~ x + z, binomial, data = on_cluster(cl, csv_chunks(%s)), %s", deparse1(file), steps)
  )), "CSV")
  skip_if_not_installed("nanoparquet")
  parquet <- sub("csv$", "parquet", file)
  on.exit(unlink(parquet), add = TRUE)
  nanoparquet::write_parquet(utils::read.csv(file), parquet)
  expect_returned(press_in_terminal(c(
    cluster_lines, "cat('PRESS\\n')",
    sprintf("glmpp(y ~ x + z, binomial, data = on_cluster(cl, parquet_chunks(%s)), %s", deparse1(parquet), steps)
  )), "Parquet")
})
