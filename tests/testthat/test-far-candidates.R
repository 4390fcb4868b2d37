# drop1(), add1(), anova() and step() from afar: held columns of one open home, with the tables of a fit in memory.

far_candidate_rows <- function() {
  rows <- remote_rows(260, seed = 9)
  rows[stats::complete.cases(rows), ]
}

far_candidate_models <- list(
  list(count ~ x + size + on + z, poisson(), ~ . + text + x:z + I(x^2)),
  list(amount ~ x + size * on + I(2 * x), Gamma("log"), ~ . + text + x:size),
  list(amount ~ x + size, gaussian(), ~ . + z:x + z),
  list(cbind(share, rest) ~ x + grade + on + offset(log(exposure)), binomial("probit"), ~ . + z),
  list(count ~ x + size + z, quasipoisson(), ~ . + on + I(x^2)),
  list(count ~ x - 1 + size + z, poisson(), ~ . + on)
)

expect_tables_of_memory <- function(source, rows, models = far_candidate_models, weights = NULL) {
  for (model in models) {
    fit_to <- function(data) do.call(glmpp, c(list(model[[1]], model[[2]], data), if (!is.null(weights)) list(weights = weights)))
    far <- fit_to(source)
    memory <- fit_to(rows)
    for (test in c("none", "Chisq", if (!model[[2]]$family %in% c("binomial", "poisson")) "F")) {
      label <- paste(deparse1(model[[1]]), test)
      same <- function(ask) {
        expect_equal(as.data.frame(ask(far)), as.data.frame(ask(memory)), tolerance = 1e-7, ignore_attr = "heading", label = label)
      }
      same(function(fit) drop1(fit, test = test))
      same(function(fit) add1(fit, model[[3]], test = test))
      if (test != "none") same(function(fit) anova(fit, test = test))
    }
    expect_equal(drop1(far, k = log(500)), drop1(memory, k = log(500)), tolerance = 1e-7, ignore_attr = TRUE)
  }
}

test_that("chunks and files give the tables of memory", {
  rows <- far_candidate_rows()
  expect_tables_of_memory(chunks_of(rows, 200), rows)
  suppressWarnings(expect_tables_of_memory(chunks_of(rows, 200), rows, far_candidate_models[2:3], quote(w)))
  file <- new_file(".csv")
  utils::write.csv(rows, file, row.names = FALSE)
  expect_tables_of_memory(csv_chunks(file, rows = 200), utils::read.csv(file, stringsAsFactors = FALSE), far_candidate_models[c(1, 3)])
})

test_that("a cluster gives them", {
  cluster <- local_cluster()
  rows <- far_candidate_rows()
  expect_tables_of_memory(on_cluster(cluster, rows[seq(part, nrow(rows), by = parts), ]), rows, far_candidate_models[c(2, 5)])
})

test_that("a database gives them, its rows streamed or summed", {
  connection <- local_sqlite()
  rows <- far_candidate_rows()
  rows[c("size", "grade", "on")] <- list(as.character(rows$size), as.integer(rows$grade), as.integer(rows$on))
  DBI::dbWriteTable(connection, "d", rows)
  for (where in c("stream", "database")) {
    expect_tables_of_memory(in_database(connection, "d", where = where), rows, far_candidate_models[c(1, 3)])
  }
})

test_that("each model takes a few passes", {
  rows <- remote_rows(5000, seed = 9)
  readings <- 0
  done <- 0
  source <- chunks(function(reset) {
    if (reset) readings <<- readings + 1
    if (reset) return(invisible(done <<- 0))
    if (done == nrow(rows)) return(NULL)
    chosen <- seq(done + 1, min(done + 1000, nrow(rows)))
    done <<- max(chosen)
    rows[chosen, , drop = FALSE]
  })
  far <- glmpp(count ~ x + z + size + text + grade + on, poisson, source)
  readings_of <- function(ask) {
    readings <<- 0
    ask()
    readings
  }
  of_a_fit <- readings_of(function() update(far))
  expect_lt(readings_of(function() drop1(far)), 3.5 * 6 + 1)
  expect_lt(readings_of(function() drop1(far)), 6 * of_a_fit / 2)
  expect_lt(readings_of(function() add1(far, ~ . + I(x^2) + x:z + x:size)), 3 * of_a_fit / 2)
})

test_that("step() takes the steps of memory", {
  rows <- far_candidate_rows()
  far <- glmpp(count ~ x * size + z + text + on, poisson, chunks_of(rows, 90))
  memory <- glmpp(count ~ x * size + z + text + on, poisson, rows)
  expect_equal(step(far, trace = 0)$anova, step(memory, trace = 0)$anova, tolerance = 1e-7)
  up <- function(fit) step(update(fit, . ~ 1), scope = formula(memory), trace = 0)
  expect_equal(up(far)$anova, up(memory)$anova, tolerance = 1e-7)
  expect_s3_class(up(far), "glmpp_remote")
})

test_that("predictors with missing values leave the fit its rows", {
  rows <- remote_rows(300)
  far <- glmpp(count ~ x + text + size, poisson, chunks_of(rows, 70))
  memory <- glmpp(count ~ x + text + size, poisson, rows)
  expect_equal(as.data.frame(drop1(far, test = "Chisq")), as.data.frame(drop1(memory, test = "Chisq")), tolerance = 1e-8)
  small <- glmpp(count ~ size, poisson, chunks_of(rows, 70))
  expect_warning(added <- add1(small, ~ . + x + text), class = "glmpp_warning_rows")
  complete <- glmpp(count ~ size, poisson, rows[!is.na(rows$x) & !is.na(rows$text), ])
  expect_equal(added$AIC, add1(complete, ~ . + x + text)$AIC, tolerance = 1e-8)
})

test_that("a factor that all terms together would code otherwise is fitted with each", {
  rows <- far_candidate_rows()
  far <- glmpp(count ~ x - 1, poisson, chunks_of(rows, 90))
  added <- add1(far, ~ . + size + on)
  by_hand <- vapply(list(count ~ x + size - 1, count ~ x + on - 1), function(f) deviance(glmpp(f, poisson, rows)), 0)
  expect_equal(added$Deviance[-1], by_hand, tolerance = 1e-9)
  nested <- glmpp(count ~ z, poisson, chunks_of(rows, 90))
  expect_equal(add1(nested, c("size", "size:z"))["size:z", "Deviance"], deviance(glmpp(count ~ z + size:z, poisson, rows)), tolerance = 1e-9)
})

test_that("a parameter of the family is estimated with each model", {
  rows <- far_candidate_rows()
  rows$count <- with_local_seed(3, rnbinom(nrow(rows), size = 2, mu = exp(0.4 * rows$x + 1)))
  far <- glmpp(count ~ x + size, negative_binomial(), chunks_of(rows, 90))
  table <- drop1(far, test = "Chisq")
  smaller <- glmpp(count ~ x, negative_binomial(), rows)
  expect_equal(table["size", "AIC"], stats::extractAIC(smaller)[2], tolerance = 1e-7)
  expect_equal(table["size", "LRT"], 2 * as.numeric(logLik(far) - logLik(smaller)), tolerance = 1e-5)
  expect_error(drop1(far, test = "F"), class = "glmpp_error_argument")
})

test_that("what can't be compared from afar is said", {
  rows <- far_candidate_rows()
  far <- glmpp(count ~ x + size, poisson, chunks_of(rows, 90))
  for (call in expression(drop1(far, "nope"), drop1(far, tset = "F"), drop1(far, test = "Wald"), add1(far, ~z), add1(far, ~.),
                          add1(far, k = 2))) {
    expect_error(eval(call), class = "glmpp_error_argument", label = deparse1(call))
  }
  penalised <- glmpp(count ~ x + size, poisson, chunks_of(rows, 90), penalty = ridge(1))
  for (call in expression(drop1(penalised), add1(penalised, ~ . + z), anova(penalised))) {
    expect_error(eval(call), class = "glmpp_error_penalty", label = deparse1(call))
  }
  memory <- glmpp(count ~ x + size, poisson, rows)
  expect_equal(drop1(far, vcov = "HC1"), drop1(memory, vcov = "HC1"), tolerance = 1e-8)
})

test_that("score tests from afar are those of the rows in memory", {
  d <- with_local_seed(12, {
    d <- data.frame(x = rnorm(200), z = runif(200), g = sample(letters[1:3], 200, TRUE), w = sample(1:3, 200, TRUE))
    d$y <- rpois(200, exp(0.2 * d$x))
    d
  })
  file <- tempfile(fileext = ".csv")
  write.csv(d, file, row.names = FALSE)
  nodes <- on_cluster(local_cluster(), d[seq(part, nrow(d), by = parts), ])
  for (family in list(poisson(), Gamma("log"))) {
    formula <- if (family$family == "Gamma") y + 1 ~ x + g else y ~ x + g
    near <- glmpp(formula, family, d, weights = w)
    for (source in list(csv_chunks(file, rows = 60), nodes)) {
      afar <- glmpp(formula, family, source, weights = w)
      expect_equal(drop1(afar, test = "Rao")[[4]], drop1(near, test = "Rao")[[4]], tolerance = 1e-7)
      expect_equal(add1(afar, ~ . + z + x:g, test = "Rao")[[4]], add1(near, ~ . + z + x:g, test = "Rao")[[4]], tolerance = 1e-7)
      screened <- add1(near, ~ . + z + x:g, test = "Rao", refit = FALSE)
      expect_equal(add1(afar, ~ . + z + x:g, test = "Rao", refit = FALSE), screened, tolerance = 1e-7, ignore_attr = "heading")
      found <- anova(afar, test = "Rao")
      expected <- anova(near, test = "Rao")
      expect_equal(found$Rao, expected$Rao, tolerance = 1e-7)
      expect_equal(found[["Pr(>Chi)"]], expected[["Pr(>Chi)"]], tolerance = 1e-7)
    }
  }
  afar <- glmpp(y ~ x + g, poisson, csv_chunks(file))
  expect_error(anova(update(afar, . ~ x), afar, test = "Rao"), class = "glmpp_error_argument")
  expect_error(add1(afar, ~ . + z, refit = FALSE), class = "glmpp_error_argument")
})
