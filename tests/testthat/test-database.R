fits <- function(con, table, data, formula, family, ...) {
  arguments <- list(...)
  fit <- function(data) do.call(glmpp, c(list(formula, family, data), arguments))
  reference <- fit(data)
  for (where in c("stream", "database")) expect_fit_of_memory(fit(in_database(con, table, where)), reference, label = paste(class(con)[1], where))
}

for (engine in engines) {
  test_that(paste(engine, "gives the fit in memory, streamed and summed"), {
    con <- local_engine(engine)
    d <- database_rows()
    DBI::dbWriteTable(con, "d", d)
    fits(con, "d", d, counts ~ log(x1) + x2 * f + offset(log(e)), poisson())
    fits(con, "d", d, success ~ x1 + factor(g):x2 + f, binomial())
    fits(con, "d", d, success ~ x1 + x2, binomial("cloglog"))
    fits(con, "d", d, factor(success) ~ x1 + I(x1 > 100) + f, binomial())
    fits(con, "d", d, positive ~ x1 + x2:f + f, Gamma("log"), weights = quote(w))
    fits(con, "d", d, positive ~ x2 + f, Gamma("inverse"))
    fits(con, "d", d, positive ~ x2 + f, inverse.gaussian("log"))
    fits(con, "d", d, positive ~ x2 + f + I(x2^2), gaussian(), weights = quote(w))
    fits(con, "d", d, counts ~ 0 + f + x2, quasipoisson())
    fits(con, "d", d, counts ~ x2 + f, poisson("sqrt"))
    fits(con, "d", d, cbind(counts, g) ~ x1 + f, binomial())
    fits(con, "d", d, counts ~ x1 + x2 + f, poisson(), subset = quote(g %in% c(1, 3) & x2 < 0.9))
    fits(con, "d", d, counts ~ f * x1, poisson(), contrasts = list(f = "contr.sum"))
  })

  test_that(paste(engine, "gives one query's fit when predictors are discrete"), {
    con <- local_engine(engine)
    d <- database_rows(3000)
    DBI::dbWriteTable(con, "d", d)
    fits(con, "d", d, success ~ factor(g) * f, binomial())
    fits(con, "d", d, counts ~ factor(g) + f, poisson())
    fits(con, "d", d, success ~ factor(g) + f, binomial("probit"))
    fits(con, "d", d, success ~ f, binomial(), subset = quote(g < 4))
    fits(con, "d", d, positive ~ f, Gamma("log"), subset = quote(g < 4))
    fits(con, "d", d, positive ~ factor(g) * f, gaussian(), weights = quote(w))
    fits(con, "d", d, positive ~ factor(g) + f, Gamma("log"))
    fits(con, "d", d, positive ~ f, inverse.gaussian("log"))
    fits(con, "d", d, positive ~ f, quasipoisson(), weights = quote(w))
  })

  test_that(paste(engine, "gives the fit to real flights"), {
    skip_if_not_installed("nycflights13")
    con <- local_engine(engine)
    flights <- as.data.frame(nycflights13::flights)[1:10000, c("arr_delay", "dep_delay", "carrier", "origin", "distance", "air_time")]
    flights <- flights[!flights$carrier %in% c("OO", "HA", "F9"), ]
    flights$late <- flights$arr_delay > 15
    DBI::dbWriteTable(con, "flights", flights)
    fits(con, "flights", flights, late ~ carrier + origin + distance + log(air_time), binomial())
    fits(con, "flights", flights, arr_delay ~ dep_delay * origin + carrier, gaussian())
    fits(con, "flights", flights, late ~ carrier + origin, binomial())
  })

  test_that(paste(engine, "takes no name, level or table as SQL"), {
    con <- local_engine(engine)
    d <- database_rows(1000)
    d$f[is.na(d$f)] <- "x'); DROP TABLE victim; --"
    d$f[d$f == "b"] <- "LN(1), off, mean"
    column <- "x\"; DROP TABLE victim; --`]"
    table <- "t\"; DROP TABLE victim; --`"
    names(d)[names(d) == "x2"] <- column
    DBI::dbWriteTable(con, "victim", d[1:3, "g", drop = FALSE])
    DBI::dbWriteTable(con, DBI::SQL(as.character(DBI::dbQuoteIdentifier(con, table))), d)
    formula <- as.formula(substitute(counts ~ column + f, list(column = as.name(column))))
    fits(con, table, d, formula, poisson())
    fits(con, table, d, success ~ f, binomial())
    evil <- as.call(list(as.name("1); DROP TABLE victim; --"), quote(x1)))
    expect_error(glmpp(as.formula(substitute(counts ~ evil, list(evil = evil))), poisson, in_database(con, table, "database")),
                 class = "glmpp_error")
    expect_identical(as.integer(DBI::dbGetQuery(con, "SELECT COUNT(*) FROM victim")[[1]]), 3L)
  })

  test_that(paste(engine, "is left as it was found"), {
    con <- local_engine(engine)
    d <- database_rows(500)
    DBI::dbWriteTable(con, "d", d)
    for (where in c("stream", "database")) {
      glmpp(counts ~ x1 + f, poisson, in_database(con, "d", where))
      expect_error(suppressWarnings(glmpp(f ~ x1, poisson, in_database(con, "d", where))), class = "glmpp_error_response")
      expect_error(glmpp(counts ~ absent, poisson, in_database(con, "d", where)), class = "glmpp_error")
      expect_silent(DBI::dbGetQuery(con, "SELECT 1"))
      expect_identical(DBI::dbListTables(con), "d")
      if (engine == "SQLite") expect_equal(nrow(DBI::dbGetQuery(con, "SELECT * FROM sqlite_temp_master")), 0)
      if (engine == "PostgreSQL") {
        expect_silent(DBI::dbBegin(con))
        DBI::dbRollback(con)
        expect_identical(DBI::dbGetQuery(con, "SHOW synchronize_seqscans")[[1]], "on")
      }
    }
  })
}

test_that("a PostgreSQL connection lost in the middle of a pass is said so, and leaves nothing", {
  con <- local_engine("PostgreSQL")
  other <- connect_postgres()
  on.exit(DBI::dbDisconnect(other), add = TRUE)
  d <- database_rows(5e4)
  DBI::dbWriteTable(other, "lost", d)
  on.exit(DBI::dbRemoveTable(other, "lost"), add = TRUE, after = FALSE)
  pid <- DBI::dbGetQuery(con, "SELECT pg_backend_pid()")[[1]]
  parts <- 0
  cut_at <- function(x) {
    parts <<- parts + 1
    if (parts == 12) DBI::dbGetQuery(other, paste("SELECT pg_terminate_backend(", pid, ")"))
    x
  }
  expect_error(glmpp(counts ~ cut_at(x1), poisson, in_database(con, "lost", "stream", rows = 5000)), class = "glmpp_error_disconnected")
  expect_gte(parts, 12)
  expect_equal(nrow(DBI::dbGetQuery(other, "SELECT * FROM pg_class WHERE relpersistence = 't'")), 0)
  expect_equal(nrow(DBI::dbGetQuery(other, paste("SELECT * FROM pg_stat_activity WHERE pid =", pid))), 0)
})

test_that("a PostgreSQL connection lost between sums is said so", {
  con <- local_engine("PostgreSQL")
  other <- connect_postgres()
  on.exit(DBI::dbDisconnect(other), add = TRUE)
  DBI::dbWriteTable(other, "lost", database_rows(500))
  on.exit(DBI::dbRemoveTable(other, "lost"), add = TRUE, after = FALSE)
  home <- open_sums(con, "lost", counts ~ x1 + f, poisson())
  DBI::dbGetQuery(other, paste("SELECT pg_terminate_backend(", DBI::dbGetQuery(con, "SELECT pg_backend_pid()")[[1]], ")"))
  expect_error(home$pass(new_question(c(0, 0, 0, 0), "score")), class = "glmpp_error_disconnected")
})

test_that("a closed connection is said so", {
  con <- local_engine("SQLite")
  DBI::dbWriteTable(con, "d", database_rows(500))
  source <- in_database(con, "d", "database")
  home <- open_sums(con, "d", counts ~ x1 + f, poisson())
  DBI::dbDisconnect(con)
  expect_error(home$pass(new_question(c(0, 0, 0, 0), "score")), class = "glmpp_error_disconnected")
  expect_error(glmpp(counts ~ x1, poisson, source), class = "glmpp_error_disconnected")
  expect_error(in_database(con, "d"), class = "glmpp_error_disconnected")
})

test_that("rows that change during a fit are noticed", {
  con <- local_engine("SQLite")
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  home <- open_sums(con, "d", counts ~ x1 + f, poisson())
  DBI::dbExecute(con, "UPDATE d SET f = 'new' WHERE f = 'b' AND x2 < 0.1")
  expect_error(home$pass(new_question(c(0, 0, 0, 0), "score")), "changed during the fit", class = "glmpp_error_database")
})

test_that("the groups of discrete predictors need no further query", {
  con <- local_engine("SQLite")
  DBI::dbWriteTable(con, "d", database_rows(2000))
  counted <- open_sums(con, "d", success ~ f, binomial())
  measured <- open_sums(con, "d", positive ~ f, gaussian())
  DBI::dbDisconnect(con)
  expect_true(counted$pass(new_question(c(0, 0, 0), c("score", "information")))$valid)
  expect_true(measured$pass(new_question(c(0, 0, 0), c("score", "information")))$valid)
})

test_that("sums are split among queries at the engine's column limit", {
  con <- local_engine("SQLite")
  d <- database_rows(2000)
  DBI::dbWriteTable(con, "d", d)
  source <- in_database(con, "d", "database")
  whole <- glmpp(counts ~ x1 + x2 + f * e, poisson, source)
  source$database$dialect$columns <- 9
  split <- glmpp(counts ~ x1 + x2 + f * e, poisson, source)
  expect_equal(coef(split), coef(whole), tolerance = 1e-12)
  expect_equal(vcov(split), vcov(whole), tolerance = 1e-12)
})

test_that("a stream may be read once and cached", {
  con <- local_engine("SQLite")
  rows <- database_rows(2000)
  DBI::dbWriteTable(con, "d", rows)
  before <- list.files(tempdir(), "glmpp-cache")
  cached <- glmpp(success ~ x1 + f, binomial, in_database(con, "d", rows = 300, cache = TRUE))
  expect_identical(coef(cached), coef(glmpp(success ~ x1 + f, binomial, in_database(con, "d", rows = 300))))
  expect_fit_of_memory(cached, glmpp(success ~ x1 + f, binomial, rows))
  expect_equal(list.files(tempdir(), "glmpp-cache"), before)
})

for (engine in engines[1:2]) test_that(paste(engine, "counts missing values by variable"), {
  con <- local_engine(engine)
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  for (where in c("stream", "database")) {
    for (formula in c(counts ~ x1 + f, success ~ f)) {
      fit <- glmpp(formula, poisson, in_database(con, "d", where))
      expect_equal(as.list(fit$na.counts), Filter(function(count) count > 0, lapply(d[all.vars(formula)], function(x) sum(is.na(x)) * 1.0)))
      expect_error(glmpp(formula, poisson, in_database(con, "d", where), na.action = na.fail), class = "glmpp_error_missing")
    }
    expect_output(print(summary(glmpp(counts ~ x1 + f, poisson, in_database(con, "d", where)))), "6 observations deleted")
  }
  DBI::dbExecute(con, "UPDATE d SET x1 = NULL")
  for (where in c("stream", "database")) expect_error(glmpp(counts ~ x1, poisson, in_database(con, "d", where)), class = "glmpp_error_no_rows")
})

test_that("a level that the fit does not know is named in predictions", {
  con <- local_engine("SQLite")
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  fit <- glmpp(counts ~ x2 + f, poisson, in_database(con, "d", "database"))
  expect_equal(predict(fit, d[20:30, ]), predict(glmpp(counts ~ x2 + f, poisson, d), d[20:30, ]), tolerance = 1e-8)
  expect_error(predict(fit, data.frame(x2 = 0, f = "new")), "new", class = "glmpp_error_levels")
})

test_that("columns far from zero lose no digits", {
  con <- local_engine("SQLite")
  d <- database_rows(2000)
  d$far <- d$x2 + 1e6
  DBI::dbWriteTable(con, "d", d)
  fit <- glmpp(counts ~ far * f, poisson, in_database(con, "d", "database"))
  near <- glmpp(counts ~ x2 * f, poisson, d)
  slopes <- grep("x2", names(coef(near)))
  expect_equal(unname(coef(fit)[slopes]), unname(coef(near)[slopes]), tolerance = 1e-8)
  expect_equal(unname(sqrt(diag(vcov(fit)))[slopes]), unname(sqrt(diag(vcov(near)))[slopes]), tolerance = 1e-8)
})

test_that("aliased columns are NA, nearly aliased ones refused with the way out", {
  con <- local_engine("SQLite")
  d <- database_rows(2000)
  d$near <- d$x2 + 1e-6 * d$u
  DBI::dbWriteTable(con, "d", d)
  fit <- glmpp(counts ~ x1 + x2 + I(2 * x1 - x2) + f, poisson, in_database(con, "d", "database"))
  expect_equal(coef(fit), coef(glm(counts ~ x1 + x2 + I(2 * x1 - x2) + f, poisson, d, epsilon = 1e-12)), tolerance = 1e-8)
  expect_error(glmpp(counts ~ x2 + near, poisson, in_database(con, "d", "database")), "stream", class = "glmpp_error_condition")
})

test_that("what can't be said in SQL is refused with the stream as the way out", {
  con <- local_engine("SQLite")
  DBI::dbWriteTable(con, "d", database_rows(500))
  source <- in_database(con, "d", "database")
  expect_error(glmpp(success ~ x1, binomial("cauchit"), source), "stream", class = "glmpp_error_pushdown")
  expect_error(glmpp(success ~ x1, binomial("probit"), source), "erfc", class = "glmpp_error_pushdown")
  expect_error(glmpp(counts ~ round(x1), poisson, source), "round", class = "glmpp_error_pushdown")
  expect_error(glmpp(counts ~ poly(x2, 2), poisson, source), "stream", class = "glmpp_error_parts")
  expect_error(glmpp(counts ~ I(x2 > median(x2)), poisson, source), "stream", class = "glmpp_error_parts")
  expect_error(glmpp(counts ~ x2, poisson, source, subset = 1:10), "order", class = "glmpp_error_subset")
  expect_error(glmpp(counts ~ x2, poisson, in_database(con, "d", "stream"), subset = 1:10), "order", class = "glmpp_error_subset")
  expect_equal(nobs(glmpp(counts ~ x2, poisson, in_database(con, "d", "stream", order = "rowid"), subset = 11:20)), 10)
  expect_error(glmpp(counts ~ x1, poisson, source, mustart = counts + 1), "mustart", class = "glmpp_error_pushdown")
})

for (engine in engines[1:2]) {
  test_that(paste(engine, "takes conditions for numbers, and leaves the order of text alone"), {
    con <- local_engine(engine)
    d <- database_rows(500)[20:500, ]
    d$flag <- d$x2 > 0.4
    d$other <- d$e > 1.5
    DBI::dbWriteTable(con, "d", d)
    if (engine == "SQLite") d$flag <- as.integer(d$flag)
    for (formula in list(counts ~ as.numeric(flag) + x1, counts ~ I(flag * 1) + x1, counts ~ I(x1 * (g > 2)) + f,
        counts ~ I((g > 2) + (x2 > 0.5)) + x1,
                         counts ~ I(ifelse(g > 2, flag, x2)) + x1, counts ~ I(1 - flag) + x1, counts ~ I(exp(flag) * x1))) {
      fits(con, "d", d, formula, poisson())
    }
    if (engine == "PostgreSQL") fits(con, "d", d, counts ~ I((flag == other) * x1) + flag, poisson())
    expect_error(glmpp(counts ~ I(f < "b") + x1, poisson, in_database(con, "d", "database")), "orders text", class = "glmpp_error_pushdown")
    expect_fit_of_memory(glmpp(counts ~ I(f < "b") + x1, poisson, in_database(con, "d", "stream")), glmpp(counts ~ I(f < "b") + x1, poisson, d))
  })

  test_that(paste(engine, "takes dates as the numbers that they are in R"), {
    skip_if_not_installed("RSQLite")
    con <- if (engine == "SQLite") DBI::dbConnect(RSQLite::SQLite(), ":memory:", extended_types = TRUE) else local_engine(engine)
    if (engine == "SQLite") on.exit(DBI::dbDisconnect(con))
    d <- database_rows(400)[20:400, ]
    d$day <- as.Date("2020-01-01") + as.integer(400 * d$u)
    d$due <- d$day + as.integer(30 * d$v)
    d$time <- as.POSIXct("2020-01-01", tz = "UTC") + as.integer(1e6 * d$v)
    DBI::dbWriteTable(con, "d", d)
    for (formula in list(counts ~ x1 + day, counts ~ as.numeric(day) + f, counts ~ x1 + I(due - day),
        counts ~ I(as.numeric(time) / 3600) + x1)) {
      fits(con, "d", d, formula, poisson())
    }
    source <- in_database(con, "d", "database")
    for (formula in list(counts ~ factor(day) + x1, counts ~ I(day > "2020-06-01") + x1)) {
      expect_error(glmpp(formula, poisson, source), "stream", class = "glmpp_error_pushdown")
    }
    few <- transform(d, day = as.Date("2020-01-01") + g)
    DBI::dbWriteTable(con, "few", few)
    fits(con, "few", few, success ~ day + f, binomial())
    fits(con, "few", few, success ~ factor(day), binomial())
  })

  test_that(paste(engine, "is asked what a formula wants of all rows"), {
    con <- local_engine(engine)
    d <- database_rows(600)[20:600, ]
    DBI::dbWriteTable(con, "d", d)
    for (formula in list(counts ~ I(x1 - min(x1)), counts ~ I(x1 / max(x1)) + f, counts ~ scale(x2) + x1,
        counts ~ I(x1 > mean(x1)) + e, counts ~ I((x1 - mean(x1)) / sd(x1)),
                         counts ~ scale(x1, scale = FALSE) + x2, counts ~ I(x1 * length(x1) / sum(x1)))) {
      fits(con, "d", d, formula, poisson())
    }
    expect_error(glmpp(counts ~ I(x1 - max(x1, 200)), poisson, in_database(con, "d", "database")), "stream", class = "glmpp_error_parts")
    fits(con, "d", d, counts ~ x1, poisson(), weights = quote(w / mean(w)), subset = quote(x2 < mean(x2)))
    # Few distinct rows, each fetched once: their mean is not that of all rows.
    fits(con, "d", d, success ~ I(g > mean(g)) + f, binomial())
    fits(con, "d", d, success ~ as.integer(factor(f)), binomial())
    expect_error(glmpp(success ~ I(g > median(g)), binomial, in_database(con, "d", "database")), "stream", class = "glmpp_error_parts")
  })

  test_that(paste(engine, "leaves out rows for which a condition is missing"), {
    con <- local_engine(engine)
    d <- database_rows(400)
    d$age <- c(15, 25, 45, NA)[1 + d$g %% 4]
    DBI::dbWriteTable(con, "d", d)
    for (formula in list(success ~ f, success ~ x2 + f)) {
      plain <- glm(formula, binomial, d, subset = age > 18, epsilon = 1e-12)
      for (where in c("stream", "database")) {
        far <- glmpp(formula, binomial, in_database(con, "d", where), subset = age > 18)
        expect_equal(coef(far), coef(plain), tolerance = 1e-8)
        expect_equal(nobs(far), nobs(plain))
        clustered <- vcov(far, type = "HC0", cluster = ~g)
        expect_equal(clustered, vcov(glmpp(formula, binomial, d, subset = age > 18), type = "HC0", cluster = ~g), tolerance = 1e-7)
      }
    }
  })
}

test_that("missing values, zeros and types mean in SQL what they mean in R", {
  con <- local_engine("SQLite")
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  source <- in_database(con, "d", "database")
  # A missing value is in no set.
  expect_fit_of_memory(glmpp(counts ~ I(f %in% c("a", "b")) + x2, poisson, source), glmpp(counts ~ I(f %in% c("a", "b")) + x2, poisson, d))
  for (formula in list(counts ~ I(1 / (g - 1)) + x2, counts ~ log(g - 1) + x2)) {
    expect_error(glmpp(formula, poisson, source), class = "glmpp_error_infinite")
  }
  for (formula in list(counts ~ I(g == "1") + x2, counts ~ I(f %in% 1:3) + x2, counts ~ as.numeric(f) + x2)) {
    expect_error(suppressWarnings(glmpp(formula, poisson, source)), class = "glmpp_error")
  }
})

test_that("numbers of trials are not weights to the likelihood", {
  con <- local_engine("SQLite")
  d <- database_rows(300)
  d$whole <- 1 + d$g %% 2
  DBI::dbWriteTable(con, "d", d)
  fits(con, "d", d, cbind(g, 4 - g) ~ f, binomial(), weights = quote(whole))
  fits(con, "d", d, cbind(counts, 9 - g) ~ x1 + f, binomial(), weights = quote(whole))
  for (where in c("stream", "database")) {
    expect_true(is.na(suppressWarnings(glmpp(success ~ x2, binomial, in_database(con, "d", where), weights = w))$aic))
  }
})

test_that("text among SQLite's numbers is refused", {
  con <- local_engine("SQLite")
  DBI::dbWriteTable(con, "d", database_rows(500))
  DBI::dbExecute(con, "UPDATE d SET x2 = 'none' WHERE x2 > 0.9")
  for (where in c("stream", "database")) {
    expect_error(glmpp(counts ~ x2, poisson, in_database(con, "d", where)), "x2", class = "glmpp_error_variable")
    expect_error(glmpp(success ~ x2 + f, binomial, in_database(con, "d", where)), "x2", class = "glmpp_error_variable")
  }
})

test_that("other solvers and penalties work on sums in the database", {
  con <- local_engine("SQLite")
  d <- database_rows(1000)
  DBI::dbWriteTable(con, "d", d)
  source <- in_database(con, "d", "database")
  formula <- counts ~ I(x1 - 100) + f
  expect_equal(coef(glmpp(formula, poisson, source, solver = lbfgs())), coef(glmpp(formula, poisson, d)), tolerance = 1e-5)
  ridged <- function(data) coef(glmpp(formula, poisson, data, penalty = ridge(2)))
  expect_equal(ridged(source), ridged(d), tolerance = 1e-8)
})

test_that("SQLite without exp() is told how to get it", {
  skip_if_not_installed("RSQLite")
  skip_if_not_installed("dbplyr")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:", loadable.extensions = FALSE)
  on.exit(DBI::dbDisconnect(con))
  skip_if(!inherits(try(DBI::dbGetQuery(con, "SELECT EXP(1.0)"), silent = TRUE), "try-error"), "SQLite has exp() built in")
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  expect_error(glmpp(counts ~ x1, poisson, in_database(con, "d", "database")), "initExtension", class = "glmpp_error_pushdown")
  expect_fit_of_memory(glmpp(success ~ f, binomial, in_database(con, "d", "database")), glmpp(success ~ f, binomial, d))
})

test_that("expressions mean in SQL what they mean in R", {
  expressions <- expression(x1 / g, g / 2L, (x1 + x2) * 2 - g^2 / 3, -x2^2, log(x1), log(x1, 3), log2(e), log10(e), log1p(x2), exp(-x2),
                            sqrt(e),
                            abs(x2 - 0.5), pmin(x2, 0.5, e), pmax(x2, 0.5), floor(x1), ceiling(x2 * 3), ifelse(f == "c'x", x1, 1 / e),
                            (x1 > 100) * (1), 0.1 + x2 * 1.23456789012345678, x1 * k, 7 - (3 - x2), x2 / (e / g))
  k <- 2.5
  for (engine in engines[1:2]) {
    con <- local_engine(engine)
    d <- database_rows(300)[20:300, ]
    DBI::dbWriteTable(con, "d", d)
    database <- in_database(con, "d")$database
    if (engine == "SQLite") database$dialect$ln <- "LOG"
    translator <- glmpp:::new_translator(database, glmpp:::column_types(d), environment())
    for (expression in as.list(expressions)) {
      if (engine == "PostgreSQL" && ">" %in% all.names(expression)) next
      sql <- glmpp:::translate(translator, expression)
      found <- as.double(DBI::dbGetQuery(con, paste("SELECT", sql, "FROM d"))[[1]])
      expect_equal(sort(found), sort(as.double(eval(expression, d))), tolerance = 1e-14, label = paste(engine, deparse1(expression)))
    }
  }
})

test_that("a lazy table, a query and a schema's table can be given", {
  con <- local_engine("SQLite")
  skip_if_not_installed("dplyr")
  d <- database_rows(500)
  DBI::dbWriteTable(con, "d", d)
  reference <- glmpp(counts ~ x1 + f, poisson, d, subset = g < 3)
  lazy <- dplyr::filter(dplyr::tbl(con, "d"), g < 3)
  expect_fit_of_memory(glmpp(counts ~ x1 + f, poisson, lazy), reference)
  query <- in_database(con, DBI::SQL("SELECT * FROM d WHERE g < 3;"), "database")
  expect_fit_of_memory(glmpp(counts ~ x1 + f, poisson, query), reference)
  expect_fit_of_memory(glmpp(counts ~ x1 + f, poisson, in_database(con, c("main", "d")), subset = g < 3), reference)
  expect_fit_of_memory(glmpp(counts ~ ., poisson, in_database(con, DBI::SQL("SELECT counts, x1, f FROM d WHERE g < 3"), "database")),
                  glmpp(counts ~ ., poisson, d[d$g < 3, c("counts", "x1", "f")]))
})

test_that("arguments of in_database() are checked", {
  con <- local_engine("SQLite")
  expect_error(in_database("file.sqlite", "d"), class = "glmpp_error_argument")
  expect_error(in_database(con, 3), class = "glmpp_error_argument")
  expect_error(in_database(con, "d", "elsewhere"), class = "glmpp_error_argument")
  expect_error(in_database(con, "d", rows = 0), class = "glmpp_error_argument")
  expect_error(glmpp(y ~ x, data = in_database(con, "absent")), "absent", class = "glmpp_error_database")
  expect_output(print(in_database(con, "d")), "in R")
  expect_output(print(in_database(con, "d", "database")), "in the database \\(SQLite\\)")
})

test_that("links that bound the mean work on sums in the database", {
  con <- local_engine("SQLite")
  d <- database_rows(2000)
  d$rare <- as.integer(d$v < 0.1 + 0.3 * d$x2)
  d$many <- as.integer(6 * d$u * (1 + d$x2))
  DBI::dbWriteTable(con, "d", d)
  source <- in_database(con, "d", "database")
  expect_fit <- function(formula, family) expect_fit_of_memory(glmpp(formula, family, source), glmpp(formula, family, d))
  expect_fit(rare ~ x2 + f, binomial("log"))
  expect_fit(rare ~ x2 + f, binomial("identity"))
  expect_fit(many ~ x2 + f, poisson("identity"))
  expect_fit(I(many + 1) ~ x2 + f, quasi(link = "log", variance = "mu^2"))
  expect_error(glmpp(many ~ x2 + f, quasi(link = "log", variance = "mu^2"), source), "positive", class = "glmpp_error_pushdown")
  expect_fit(positive ~ x2 + f, Gamma("identity"))
  expect_fit(positive ~ x2 + e, gaussian("log"))
  expect_fit(positive ~ x2, gaussian("inverse"))
})

test_that("the sandwich is that of the fit in memory", {
  con <- local_engine("SQLite")
  d <- database_rows(1000)
  DBI::dbWriteTable(con, "d", d)
  for (formula in c(counts ~ x1 * f, success ~ f, positive ~ f)) {
    robust <- lapply(c("stream", "database"), function(where) {
      fit <- glmpp(formula, quasipoisson("log"), in_database(con, "d", where))
      list(vcov(fit, type = "HC0"), vcov(fit, type = "HC1", cluster = ~ factor(g)), vcov(fit, type = "HC0", cluster = ~ e))
    })
    expect_equal(robust[[2]], robust[[1]], tolerance = 1e-8)
  }
})

# The last digits of a logarithm are those of the C library.
without_last_digits <- function(lines) gsub("([0-9]\\.[0-9]{12})[0-9]{4}(?=e[-+][0-9])", "\\1", lines, perl = TRUE)

test_that("the passes of a model with a factor, an interaction and an offset are these queries", {
  con <- local_engine("SQLite")
  x <- 1:128
  DBI::dbWriteTable(con, "d", data.frame(y = x %% 5, x = x / 64, e = 1 + x %% 2, f = c("a", "b", "it's", "b")))
  home <- open_sums(con, "d", y ~ log(x) * f + offset(log(e)), poisson())
  simulated <- list(SQLite = con, PostgreSQL = dbplyr::simulate_postgres(), `SQL Server` = dbplyr::simulate_mssql(),
                    Snowflake = dbplyr::simulate_snowflake(),
                    `Spark SQL` = structure(dbplyr::simulate_hive(), class = c("Spark SQL", class(dbplyr::simulate_hive()))),
                    BigQuery = dbplyr::simulate_dbi("BigQueryConnection"))
  expect_match(simulated_pass(home, con), "-2\\.80715282678284[0-9]{2}e-01")
  for (name in names(simulated)) expect_snapshot(cat(simulated_pass(home, simulated[[name]])), transform = without_last_digits)
})
