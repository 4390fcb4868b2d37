# Time of a logistic fit to a table of a million rows: glmpp's two ways, biglm::bigglm() on the same connection, and
# fetching everything for glm().  Rscript bench/database.R [rows]
# PostgreSQL is tried when GLMPP_POSTGRES holds the keyword arguments of a DBI::dbConnect() call, as an R expression.

library(glmpp)

rows <- as.numeric(c(commandArgs(TRUE), 1e6)[1])

synthetic <- function(rows) {
  set.seed(1)
  data <- data.frame(x1 = rnorm(rows), x2 = rnorm(rows, 50, 3), x3 = runif(rows), x4 = rexp(rows),
                     f = sample(c("north", "east", "south", "west"), rows, TRUE), stringsAsFactors = FALSE)
  eta <- -1 + 0.5 * data$x1 + 0.1 * (data$x2 - 50) - data$x3 + 0.2 * data$x4 + 0.3 * (data$f == "south")
  transform(data, y = rbinom(rows, 1, plogis(eta)))
}

formula <- y ~ x1 + x2 + x3 + x4 + f

# bigglm() wants numbers of levels that do not change from chunk to chunk.
fit_biglm <- function(con) {
  levels <- sort(DBI::dbGetQuery(con, "SELECT DISTINCT f FROM synthetic")$f)
  result <- NULL
  next_chunk <- function(reset) {
    if (reset) {
      if (!is.null(result)) DBI::dbClearResult(result)
      result <<- DBI::dbSendQuery(con, "SELECT y, x1, x2, x3, x4, f FROM synthetic")
      return(invisible())
    }
    chunk <- DBI::dbFetch(result, n = 50000)
    if (nrow(chunk)) transform(chunk, f = factor(f, levels))
  }
  on.exit(DBI::dbClearResult(result))
  biglm::bigglm(formula, next_chunk, family = binomial(), maxit = 25, tolerance = 1e-10)
}

fit_glm <- function(con) glm(formula, binomial, DBI::dbGetQuery(con, "SELECT y, x1, x2, x3, x4, f FROM synthetic"))

fits <- list(
  stream = function(con) glmpp(formula, binomial, in_database(con, "synthetic", where = "stream")),
  `stream, cached` = function(con) glmpp(formula, binomial, in_database(con, "synthetic", where = "stream", cache = TRUE)),
  database = function(con) glmpp(formula, binomial, in_database(con, "synthetic", where = "database")),
  `fetch, glmpp` = function(con) glmpp(formula, binomial, DBI::dbGetQuery(con, "SELECT y, x1, x2, x3, x4, f FROM synthetic")),
  bigglm = fit_biglm,
  `fetch, glm` = fit_glm
)

coefficient_table <- function(fit) {
  if (inherits(fit, "bigglm")) return(cbind(coef(fit), sqrt(diag(vcov(fit)))))
  coef(summary(fit))[, 1:2]
}

measure <- function(con, engine, reference) {
  for (name in names(fits)) {
    invisible(gc())
    time <- system.time(fit <- fits[[name]](con))
    difference <- max(abs(coefficient_table(fit) - reference) / pmax(abs(reference[, 1]), reference[, 2]))
    cat(sprintf("%-10s  %-14s %6.1f s, of R %6.1f s   largest relative difference %.0e   %s\n", engine, name, time[["elapsed"]],
                time[["user.self"]] + time[["sys.self"]], difference,
                if (is.null(fit$solver)) "" else paste(fit$solver$passes, "passes")))
  }
}

data <- synthetic(rows)
reference <- coef(summary(glm(formula, binomial, data, epsilon = 1e-14)))[, 1:2]
connections <- list(SQLite = function() DBI::dbConnect(RSQLite::SQLite(), tempfile(fileext = ".sqlite")))
if (nzchar(Sys.getenv("GLMPP_POSTGRES"))) {
  connections$PostgreSQL <- function() do.call(DBI::dbConnect, c(RPostgres::Postgres(), eval(str2lang(Sys.getenv("GLMPP_POSTGRES")))))
}
for (engine in names(connections)) {
  con <- connections[[engine]]()
  DBI::dbWriteTable(con, "synthetic", data, overwrite = TRUE)
  measure(con, engine, reference)
  DBI::dbDisconnect(con)
}
