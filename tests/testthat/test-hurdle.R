# Hurdle models beside pscl::hurdle(), whose standard errors are by numerical derivatives, and beside their own parts.

made <- function(rows = 700, seed = 1) {
  set.seed(seed)
  data <- data.frame(x = rnorm(rows), z = runif(rows), g = factor(sample(letters[1:3], rows, TRUE)), w = sample(3, rows, TRUE))
  data$y <- rbinom(rows, 1, plogis(0.3 + data$z)) * (1 + rnbinom(rows, size = 1.3, mu = exp(0.4 * data$x)))
  data
}
data <- made()

test_that("coefficients, covariances, likelihood and predictions are those of pscl::hurdle()", {
  skip_if_not_installed("pscl")
  exact <- pscl::hurdle.control(reltol = 1e-15, maxit = 1e5)
  cases <- list(list("poisson", "binomial", "logit"), list("negbin", "binomial", "probit"), list("geometric", "binomial", "cloglog"),
                list("negbin", "poisson", "logit"), list("poisson", "geometric", "logit"))
  for (case in cases) {
    given <- list(y ~ x + offset(x / 10) + g | z, data = data, weights = data$w, dist = case[[1]], zero.dist = case[[2]], link = case[[3]])
    theirs <- do.call(pscl::hurdle, c(given, list(control = exact)))
    ours <- do.call(hurdle, given)
    label <- paste(case, collapse = " ")
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-5, label = label)
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-3, label = label)
    expect_equal(logLik(ours), logLik(theirs), tolerance = 1e-10, ignore_attr = TRUE, label = label)
    expect_equal(attributes(logLik(ours))[c("df", "nobs")], attributes(logLik(theirs))[c("df", "nobs")])
    expect_equal(c(AIC(ours), BIC(ours)), c(AIC(theirs), BIC(theirs)), tolerance = 1e-9)
    new <- data[1:6, ]
    for (type in c("response", "prob", "count", "zero")) {
      expect_equal(predict(ours, new, type = type), predict(theirs, new, type = type), tolerance = 1e-5, ignore_attr = TRUE,
                   label = paste(label, type))
    }
    for (type in c("pearson", "response")) expect_equal(residuals(ours, type), residuals(theirs, type), tolerance = 1e-4, label = label)
    expect_equal(fitted(ours), fitted(theirs), tolerance = 1e-5)
    tables <- Map(function(a, b) expect_equal(a[, 1:3], b[, 1:3], tolerance = 2e-3, ignore_attr = TRUE, label = label),
                  summary(ours)$coefficients, summary(theirs)$coefficients)
    expect_equal(ours$df.residual, theirs$df.residual)
  }
})

test_that("the likelihood is the product of the parts', and probabilities add up to one", {
  fit <- hurdle(y ~ x + g | z, data, dist = "negbin")
  above <- glmpp(y > 0 ~ z, binomial, data)
  counts <- glmpp(y ~ x + g, truncated_negative_binomial(), data, subset = y > 0)
  expect_equal(coef(fit, "count"), coef(counts), tolerance = 1e-8)
  expect_equal(vcov(fit, "count"), vcov(counts), tolerance = 1e-6)
  expect_equal(coef(fit, "zero"), coef(above), tolerance = 1e-8)
  expect_equal(as.numeric(logLik(fit)), as.numeric(logLik(above) + logLik(counts)), tolerance = 1e-12)
  expect_equal(c(fit$theta, fit$SE.logtheta), c(counts$theta, counts$SE.theta / counts$theta), tolerance = 1e-7, ignore_attr = TRUE)
  probabilities <- predict(fit, type = "prob", at = 0:3000)
  expect_equal(unname(rowSums(probabilities)), rep(1, nrow(data)), tolerance = 1e-8)
  expect_equal(drop(probabilities %*% 0:3000), fitted(fit), tolerance = 1e-6, ignore_attr = TRUE)
  observed <- probabilities[cbind(seq_len(nrow(data)), data$y + 1)]
  expect_equal(sum(log(observed)), as.numeric(logLik(fit)), tolerance = 1e-10)
})

test_that("rows are left out where a variable of either part is missing", {
  holed <- data
  holed$x[1:5] <- NA
  holed$z[8] <- NA
  complete <- holed[complete.cases(holed), ]
  fit <- hurdle(y ~ x + log(z) | x + g, holed)
  expect_identical(nobs(fit), 694L)
  expect_equal(coef(fit), coef(hurdle(y ~ x + log(z) | x + g, complete)))
  kept <- hurdle(y ~ x + log(z) | x + g, holed, na.action = na.exclude)
  expect_identical(is.na(unname(fitted(kept))), !complete.cases(holed))
  expect_length(residuals(kept), nrow(holed))
  expect_error(hurdle(y ~ x | z, holed, na.action = na.fail), class = "glmpp_error")
  some <- hurdle(y ~ x | z, holed, subset = 1:300)
  expect_equal(coef(some), coef(hurdle(y ~ x | z, holed[1:300, ])))
})

test_that("from files, nodes and databases the fit is that in memory", {
  fit <- hurdle(y ~ x + g | z, data, dist = "negbin", link = "probit")
  file <- tempfile(fileext = ".csv")
  write.csv(data, file, row.names = FALSE)
  homes <- list(csv = csv_chunks(file, rows = 200), nodes = on_cluster(local_cluster(), data[seq(part, nrow(data), by = parts), ]))
  if (requireNamespace("RSQLite", quietly = TRUE)) {
    connection <- local_sqlite()
    DBI::dbWriteTable(connection, "visits", transform(data, g = as.character(g)))
    homes$sqlite <- in_database(connection, "visits", where = "stream")
  }
  for (name in names(homes)) {
    afar <- hurdle(y ~ x + g | z, homes[[name]], dist = "negbin", link = "probit")
    expect_equal(coef(afar), coef(fit), tolerance = 1e-8, label = name)
    expect_equal(vcov(afar), vcov(fit), tolerance = 1e-6, label = name)
    expect_equal(c(logLik(afar)), c(logLik(fit)), tolerance = 1e-10, ignore_attr = TRUE, label = name)
    expect_equal(predict(afar, data[1:3, ], type = "prob"), predict(fit, data[1:3, ], type = "prob"), tolerance = 1e-7, label = name)
    for (verb in list(fitted, residuals, simulate, predict)) expect_error(verb(afar), class = "glmpp_error_rows")
  }
})

test_that("confint, update, simulate and prints follow", {
  fit <- hurdle(y ~ x | z, data, dist = "negbin")
  expect_equal(confint(fit), confint.default(fit))
  expect_identical(update(fit, dist = "poisson")$dist$count, "poisson")
  drawn <- simulate(fit, 200, seed = 1)
  expect_equal(mean(as.matrix(drawn)), mean(fitted(fit)), tolerance = 0.02)
  expect_equal(mean(as.matrix(drawn) == 0), mean(1 - fit$zero$fitted.values), tolerance = 0.02)
  expect_identical(simulate(fit, 2, seed = 3), simulate(fit, 2, seed = 3))
  expect_output(print(summary(fit)), "Log\\(theta\\)")
  expect_output(print(fit), "truncated negbin with log link")
  expect_output(print(hurdle(y ~ x | z, data, zero.dist = "poisson")), "censored poisson with log link")
})

test_that("wrong input is refused by name", {
  expect_error(hurdle(y ~ x, data[data$y > 0, ]), "there is no hurdle", class = "glmpp_error_response")
  expect_error(hurdle(y ~ x, transform(data, y = 0)), "0 in every row", class = "glmpp_error_response")
  expect_error(suppressWarnings(hurdle(y ~ x, data, subset = y > 0)), "there is no hurdle", class = "glmpp_error_response")
  expect_error(hurdle(y ~ x, transform(data, y = -y)), "must be a count", class = "glmpp_error_response")
  expect_error(hurdle(y ~ x, transform(data, y = y / 2)), "must be a count", class = "glmpp_error_response")
  expect_error(hurdle(y ~ x, transform(data, y = factor(y))), "must be a count", class = "glmpp_error_response")
  expect_error(hurdle(y ~ x, data, zero.dist = "negbin"), class = "glmpp_error_argument")
  expect_error(hurdle(y ~ x, data, dist = "normal"), class = "glmpp_error_argument")
  expect_error(hurdle(y ~ (x | z) - g, data), "one bar", class = "glmpp_error_formula")
  expect_error(hurdle(y ~ x, data, keep = "rows"), class = "glmpp_error_argument")
  expect_error(hurdle(y ~ missing_one, data), class = "glmpp_error")
  expect_error(predict(hurdle(y ~ x, data), data, type = "prob", at = 0.5), class = "glmpp_error_argument")
})

test_that("no method swallows an argument, and what two models have not is refused", {
  fit <- hurdle(y ~ x | z, data)
  swallowed <- expression(vcov(fit, type = "HC0"), summary(fit, vcov = "HC0"), fitted(fit, foo = 1), predict(fit, se.fit = TRUE),
                          coef(fit, foo = 1), residuals(fit, foo = 1), simulate(fit, foo = 1), logLik(fit, foo = 1))
  for (call in swallowed) expect_error(eval(call), class = "glmpp_error_argument", label = deparse1(call))
  for (verb in list(model.frame, model.matrix, deviance, anova, family, drop1, add1)) expect_error(verb(fit), class = "glmpp_error_hurdle")
  for (given in list(list(penalty = ridge(1)), list(bias_reduction = "mean"), list(family = poisson), list(y = FALSE))) {
    expect_error(do.call(hurdle, c(list(y ~ x, data), given)), class = "glmpp_error_argument")
  }
  expect_error(hurdle(~x, data), class = "glmpp_error_formula")
  expect_error(hurdle(cbind(y, y) ~ x, data), class = "glmpp_error_response")
})

test_that("missing new values, levels of zeros only, rows that are left out, matrices and NULL", {
  fit <- hurdle(y ~ x + g | z, data)
  expect_identical(is.na(unname(predict(fit, transform(data[1:2, ], x = c(NA, 1))))), c(TRUE, FALSE))
  empty <- transform(data, y = ifelse(g == "c", 0, y))
  expect_warning(alone <- hurdle(y ~ g + x | x, empty), "no coefficient for gc", class = "glmpp_warning_hurdle")
  expect_output(print(summary(alone)), "count part: Aliased: gc = 0", fixed = TRUE)
  expect_equal(coef(update(fit, y ~ x | z)), coef(hurdle(y ~ x | z, data)))
  wrong <- data
  wrong$y[c(1, 5)] <- c(2.5, -1)
  expect_equal(coef(hurdle(y ~ x, wrong, subset = -c(1, 5))), coef(hurdle(y ~ x, data[-c(1, 5), ])))
  wrong$x[c(1, 5)] <- NA
  expect_equal(coef(hurdle(y ~ x, wrong)), coef(hurdle(y ~ x, data[-c(1, 5), ])))
  both <- data
  both$m <- cbind(data$x, data$z)
  expect_equal(unname(coef(hurdle(y ~ m | x, both))), unname(coef(hurdle(y ~ x + z | x, data))))
  nothing <- NULL
  expect_equal(coef(hurdle(y ~ x | z, data, weights = nothing, offset = nothing)), coef(hurdle(y ~ x | z, data)))
})
