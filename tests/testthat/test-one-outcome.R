# Levels whose rows all have one outcome: found by counting, and fitted beside.

core <- function(name) getFromNamespace(name, "glmpp")

made <- function(rows, seed = 1) {
  set.seed(seed)
  data <- data.frame(f = factor(sample(letters[1:6], rows, TRUE)), g = factor(sample(LETTERS[1:4], rows, TRUE)),
                     l = sample(c(TRUE, FALSE), rows, TRUE), o = factor(sample(5, rows, TRUE), ordered = TRUE), x = rnorm(rows))
  data$t <- as.character(data$g)
  data$w <- sample(0:3, rows, TRUE)
  data$y <- rbinom(rows, 1, plogis(0.3 * data$x - 0.2))
  data$k <- rpois(rows, exp(0.2 * data$x + 1))
  data
}

quiet <- function(expression) suppressWarnings(expression)

test_that("the indicator of a cell, as coefficients, is the indicator in every coding", {
  data <- made(300)
  formulas <- list(~ f, ~ 0 + f, ~ f + g, ~ 0 + g + f, ~ f * g, ~ f * g * l, ~ f:g, ~ 0 + f:g, ~ x + t * l, ~ o, ~ o * f, ~ 0 + o + l,
                   ~ f + f:g)
  coded <- 0
  for (formula in formulas) for (contrasts in list(NULL, list(f = "contr.sum", g = "contr.helmert"), list(f = "contr.SAS"))) {
    frame <- model.frame(formula, data)
    schema <- quiet(core("new_schema")(frame, contrasts))
    design <- core("design_blocks")(schema, frame)
    x <- quiet(model.matrix(formula, data, contrasts))
    terms <- core("term_places")(schema)
    for (term in terms) {
      if (!term$is_categorical) next
      for (cell in seq_len(prod(term$sizes))) {
        levels <- as.vector(arrayInd(cell, term$sizes))
        direction <- core("indicator_direction")(term$variables, levels, terms, schema)
        if (is.null(direction)) next
        coded <- coded + 1
        rows <- core("rows_in_cells")(list(list(variables = term$variables, levels = levels)), design, schema)
        expect_equal(as.vector(x %*% direction), as.double(seq_len(300) %in% rows), tolerance = 1e-10, label = deparse1(formula))
      }
    }
  }
  expect_gt(coded, 500)
})

test_that("a fit beside levels with one outcome is the fit without their rows", {
  cases <- list(
    list(y ~ f + x, quote(f == "c")), list(y ~ f + x, quote(f == "a")), list(y ~ 0 + f + x, quote(f == "b")),
    list(y ~ f + g + x, quote(f == "b" | g == "C")), list(y ~ f * g + x, quote(f == "b" & g == "D")),
    list(y ~ f * g + x, quote(f == "a" & g == "A")), list(y ~ t + l + x, quote(t == "B")), list(y ~ l + x + g, quote(!l)),
    list(y ~ o + x, quote(o == 3))
  )
  for (case in cases) for (outcome in c(0, 1)) for (link in c("logit", "probit", "cloglog")) {
    data <- made(400)
    inside <- eval(case[[2]], data)
    data$y[inside] <- outcome
    fit <- quiet(glmpp(case[[1]], binomial(link), data))
    rest <- quiet(glmpp(case[[1]], binomial(link), droplevels(data[!inside, ])))
    label <- paste(deparse1(case[[1]]), deparse1(case[[2]]), outcome, link)
    expect_true(fit$converged, label = label)
    expect_equal(deviance(fit), deviance(rest), tolerance = 1e-8, label = label)
    expect_equal(unname(fitted(fit)[!inside]), unname(fitted(rest)), tolerance = 1e-7, label = label)
    expect_equal(unname(coef(fit)["x"]), unname(coef(rest)["x"]), tolerance = 1e-7, label = label)
    expect_equal(vcov(fit)["x", "x"], vcov(rest)["x", "x"], tolerance = 1e-7, label = label)
    moved <- as.vector(model.matrix(fit) %*% fit$separation$direction)
    expect_true(all(moved[inside] * (2 * outcome - 1) > 1e-8), label = label)
    expect_equal(moved[!inside], numeric(sum(!inside)), tolerance = 1e-8, label = label)
    expect_identical(fit$separation$rows$count, sum(inside), label = label)
  }
})

test_that("weights, subset, offsets and counts are looked at as the fit does", {
  data <- made(500)
  data$k[data$f == "d" & data$w > 0] <- 0
  fit <- quiet(glmpp(k ~ f + x + offset(x / 5), poisson, data, weights = w))
  rest <- glmpp(k ~ f + x + offset(x / 5), poisson, droplevels(data[data$f != "d", ]), weights = w)
  expect_named(fit$separation$coefficients, "fd")
  expect_equal(coef(fit)[names(coef(rest))], coef(rest), tolerance = 1e-8)
  expect_equal(deviance(fit), deviance(rest), tolerance = 1e-8)
  expect_null(glmpp(k ~ f + x, poisson, data)$separation)
  expect_named(quiet(glmpp(k ~ f + x, poisson, data, subset = w > 0))$separation$coefficients, "fd")
  expect_null(quiet(glmpp(k ~ f + x, poisson("identity"), data, subset = w > 0, start = c(2, rep(0, 6))))$separation)
  given <- quiet(glmpp(k ~ f + x, poisson, data, subset = w > 0, start = numeric(7)))
  expect_named(given$separation$coefficients, "fd")
  far <- quiet(glmpp(k ~ f + x, poisson, chunks_of(data[data$w > 0, ], 100)))
  expect_equal(far$separation$coefficients, given$separation$coefficients)
  expect_identical(far$separation$rows$count, given$separation$rows$count)
})

test_that("more that separates beside such levels is found too", {
  data <- made(300)
  data$y[data$f == "b"] <- 0
  data$z <- as.numeric(data$f != "b" & data$y == 1 & data$x > 1)
  fit <- quiet(glmpp(y ~ f + x + z, binomial, data))
  expect_setequal(names(fit$separation$coefficients), c("fb", "z"))
  expect_identical(fit$separation$rows$count, sum(data$f == "b" | data$z == 1))
})

test_that("an empty level costs a pass or two", {
  set.seed(4)
  data <- data.frame(f = factor(sample(300, 2e4, TRUE)), x = rnorm(2e4))
  data$y <- rbinom(2e4, 1, plogis(data$x / 2 - 1))
  plain <- glmpp(y ~ f + x, binomial, data)
  data$y[data$f %in% c(5, 17, 200)] <- 0
  empty <- quiet(glmpp(y ~ f + x, binomial, data))
  expect_setequal(names(empty$separation$coefficients), c("f5", "f17", "f200"))
  expect_lte(empty$solver$passes, plain$solver$passes + 3)
  expect_identical(quiet(coef(glmpp(y ~ f + x, binomial, data, threads = 1))), quiet(coef(glmpp(y ~ f + x, binomial, data, threads = 3))))
})
