# What is remembered of the last formula must not show: the next fit is what it would be in a fresh session.

fresh <- function(fit) {
  cache <- getFromNamespace("reference_cache", "glmpp")
  rm(list = intersect(c("recent_terms", "recent_schema"), ls(cache)), envir = cache)
  fit
}

made <- function(levels, seed = 1) {
  set.seed(seed)
  data.frame(x = rnorm(60), g = factor(sample(levels, 60, TRUE), levels), k = sample(4L, 60, TRUE), l = runif(60) > 0.5, y = rpois(60, 3))
}

expect_fresh <- function(make) {
  again <- make()
  alone <- fresh(make())
  for (component in c("coefficients", "contrasts", "xlevels", "terms", "model", "schema")) {
    expect_identical(again[[component]], alone[[component]], label = component)
  }
}

test_that("other data, levels, types, contrasts and environments under one formula are seen", {
  formula <- y ~ x + g
  glmpp(formula, poisson, made(c("a", "b", "c")))
  changed <- list(
    made(c("a", "b", "d")), made(c("c", "b", "a")), made(c("a", "b", "c", "d"), 3), transform(made(c("a", "b", "c")), g = factor(g, ordered = TRUE)),
    transform(made(c("a", "b", "c")), g = as.character(g)), transform(made(c("a", "b", "c")), g = as.integer(g)),
    transform(made(c("a", "b", "c")), x = k), transform(made(c("a", "b", "c")), g = l), transform(made(c("a", "b", "c")), g = g == "a"),
    made(c("a", "b", "c"))[c("g", "y", "x")]
  )
  with_own <- made(c("a", "b", "c"))
  contrasts(with_own$g) <- contr.sum(3)
  for (data in c(changed, list(with_own))) expect_fresh(function() suppressWarnings(glmpp(formula, poisson, data)))
  plain <- made(c("a", "b", "c"))
  for (contrast in c("contr.sum", "contr.helmert")) {
    glmpp(formula, poisson, plain)
    expect_fresh(function() glmpp(formula, poisson, plain, contrasts = list(g = contrast)))
    old <- options(contrasts = c(contrast, "contr.poly"))
    expect_fresh(function() glmpp(formula, poisson, plain))
    options(old)
    expect_fresh(function() glmpp(formula, poisson, plain))
  }
  for (one in list(y ~ ., y ~ g + x, y ~ x * g, y ~ 0 + g, y ~ x, k ~ x + g)) expect_fresh(function() glmpp(one, poisson, plain))
  narrower <- plain[c("y", "x")]
  expect_named(coef(glmpp(y ~ ., poisson, narrower)), c("(Intercept)", "x"))
  expect_named(coef(glmpp(y ~ ., poisson, plain[c("y", "k", "x")])), c("(Intercept)", "k", "x"))
})

test_that("matrices are known by their columns, however many rows they have", {
  plain <- made(c("a", "b", "c"))
  with_columns <- function(names, count = length(names)) {
    plain$z <- matrix(seq_len(60 * count) %% 7 + rnorm(60), 60, dimnames = if (!is.null(names)) list(NULL, names))
    plain
  }
  glmpp(y ~ z + g, poisson, with_columns(c("a", "b")))
  changed <- list(with_columns(c("a", "c")), with_columns(NULL, 2), with_columns(NULL, 3), with_columns("a"), with_columns(c("a", "b"))[1:40, ])
  for (data in changed) expect_fresh(function() glmpp(y ~ z + g, poisson, data))
  for (formula in list(cbind(y, k) ~ x + g, cbind(k, y) ~ x + g)) {
    expect_fresh(function() glmpp(formula, binomial, plain))
    expect_equal(coef(glmpp(formula, binomial, plain)), coef(glm(formula, binomial, plain, epsilon = 1e-12)), tolerance = 1e-8)
  }
})

test_that("a contrast function of the user's is looked for as glm() does", {
  plain <- made(c("a", "b", "c"))
  assign("contr.own", function(n, ...) 2 * stats::contr.sum(n), globalenv())
  old <- options(contrasts = c("contr.own", "contr.poly"))
  on.exit({
    options(old)
    rm("contr.own", envir = globalenv())
  })
  expect_equal(coef(glmpp(y ~ g, poisson, plain)), coef(glm(y ~ g, poisson, plain)), tolerance = 1e-6)
  assign("contr.own", function(n, ...) 3 * stats::contr.sum(n), globalenv())
  expect_equal(coef(glmpp(y ~ g, poisson, plain)), coef(glm(y ~ g, poisson, plain)), tolerance = 1e-6)
})

test_that("the terms have the environment of the formula, and none is kept", {
  plain <- made(c("a", "b"))
  make <- function(one) {
    secret <- one
    glmpp(y ~ x, poisson, plain)
  }
  first <- make(1)
  second <- make(2)
  expect_identical(environment(formula(second))$secret, 2)
  expect_identical(environment(terms(second))$secret, 2)
  cache <- getFromNamespace("reference_cache", "glmpp")
  expect_null(attr(cache$recent_terms$terms, ".Environment"))
  expect_null(cache$recent_schema$schema$terms)
  expect_null(attr(cache$recent_schema$key$terms, ".Environment"))
})

test_that("a schema that is changed for another model is not that of the next", {
  plain <- made(c("a", "b", "c"))
  plain$r <- factor(plain$k, ordered = TRUE)
  for (turn in 1:2) {
    ordinal_fit <- glmpp(r ~ x + g, ordinal(), plain)
    expect_named(coef(ordinal_fit), c("x", "gb", "gc"))
    expect_named(coef(glmpp(k ~ x + g, poisson, transform(plain, k = as.integer(r)))), c("(Intercept)", "x", "gb", "gc"))
  }
})

test_that("a design whose blocks have columns beyond its coefficients is refused, not written past its end", {
  frame <- model.frame(y ~ x + g, made(c("a", "b", "c")))
  schema <- glmpp:::new_schema(frame)
  design <- glmpp:::design_blocks(schema, frame)
  design$coefficients <- 2L
  expect_error(glmpp:::linear_predictor_impl(design, numeric(2), 1L), "beyond the coefficients")
})

test_that("what is said of a formula is said each time", {
  plain <- made(c("a", "b"))
  for (turn in 1:2) expect_warning(glmpp(y ~ y + x, poisson, plain), class = "glmpp_warning_formula")
})

test_that("a function of a column in the formula is the frame of glm(), and the user's own where there is one", {
  plain <- made(c("a", "b", "c"))
  plain$p <- runif(60, 1, 2)
  plain$log <- rnorm(60)
  plain[["a b"]] <- plain$g
  plain[["c d"]] <- plain$p
  formulas <- list(y ~ `a b` * x, `c d` ~ `a b`, y ~ log(`c d`) + factor(`a b`),
                   y ~ factor(k) + log(p), y ~ sqrt(p) * factor(g), log(y + 1) ~ x, y ~ log(p) + log, y ~ factor(l),
                   log(p) ~ exp(x) + abs(x), y ~ log(x), y ~ as.factor(k) + offset(log(p)), y ~ factor(k, labels = letters[1:4]))
  for (formula in formulas) {
    ours <- suppressWarnings(glmpp(formula, gaussian, plain, method = "model.frame"))
    expect_equal(ours, suppressWarnings(glm(formula, gaussian, plain, method = "model.frame")), label = deparse1(formula))
  }
  expect_warning(glmpp(y ~ log(x), gaussian, plain), "NaNs produced")
  own <- function() {
    log <- function(x) x^3
    glmpp(y ~ log(p) + log, gaussian, plain)$model[["log(p)"]]
  }
  expect_equal(own(), plain$p^3)
  fit <- glmpp(y ~ factor(k) + log(p), poisson, plain)
  new <- data.frame(k = 2, p = 1.5)
  expect_equal(predict(fit, new), predict(glm(y ~ factor(k) + log(p), poisson, plain), new), tolerance = 1e-6)
  expect_error(predict(fit, data.frame(k = 9, p = 1.5)), class = "glmpp_error")
})
