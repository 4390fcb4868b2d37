# The engine "glmpp" beside parsnip's own engines.

of_engine <- function(model, engine, formula, data, ...) parsnip::fit(parsnip::set_engine(model, engine), formula, data, ...)

# glm() to its last digits.
of_glm <- function(model, formula, data, ...) {
  parsnip::fit(parsnip::set_engine(model, "glm", control = list(epsilon = 1e-14, maxit = 50)), formula, data, ...)
}

expect_same_predictions <- function(ours, theirs, data, types) {
  for (type in types) {
    plain <- function(fit) {
      prediction <- predict(fit, data, type = type)
      if (is.data.frame(prediction)) lapply(prediction, unname) else unname(prediction)
    }
    expect_equal(plain(ours), plain(theirs), tolerance = 1e-7, info = type)
  }
}

# What a fresh R prints that loads packages from where this one does.
printed_by <- function(code) {
  script <- tempfile(fileext = ".R")
  on.exit(unlink(script))
  writeLines(c(sprintf(".libPaths(%s)", deparse1(.libPaths())), code), script)
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = FALSE)
}

cars <- function() transform(mtcars, am = factor(am, labels = c("automatic", "manual")), cyl = factor(cyl))

test_that("the engine is there whichever package comes first", {
  skip_if_not_installed("parsnip")
  for (packages in list(c("glmpp", "parsnip"), c("parsnip", "glmpp"))) {
    code <- sprintf("for (p in c(%s)) loadNamespace(p); cat(vapply(c(%s), function(m) \"glmpp\" %%in%% parsnip::get_from_env(m)$engine, NA))",
                    comma(dQuote(packages, FALSE)), comma(dQuote(names(engine_models()), FALSE)))
    expect_identical(printed_by(code), "TRUE TRUE TRUE TRUE", info = packages[1])
  }
})

test_that("what is registered already is left as it is", {
  skip_if_not_installed("parsnip")
  before <- parsnip::get_from_env("linear_reg_predict")
  expect_silent(register_engine())
  expect_identical(nrow(parsnip::get_from_env("linear_reg_predict")), nrow(before))
})

test_that("linear_reg() gives the numbers of the engine glm, intervals and standard errors too", {
  skip_if_not_installed("parsnip")
  data <- cars()
  ours <- of_engine(parsnip::linear_reg(), "glmpp", mpg ~ wt + cyl, data)
  theirs <- of_glm(parsnip::linear_reg(), mpg ~ wt + cyl, data)
  expect_s3_class(parsnip::extract_fit_engine(ours), "glmpp")
  expect_equal(coef(ours$fit), coef(theirs$fit), tolerance = 1e-7)
  expect_same_predictions(ours, theirs, data, c("numeric", "conf_int", "raw"))
  errors <- lapply(list(ours, theirs), function(fit) {
    as.list(predict(fit, data[1:3, ], type = "conf_int", level = 0.8, std_error = TRUE))
  })
  expect_equal(lapply(errors[[1]], unname), lapply(errors[[2]], unname), tolerance = 1e-7)
})

test_that("logistic_reg() gives the numbers of the engine glm, other links and a falling one too", {
  skip_if_not_installed("parsnip")
  data <- cars()
  ours <- of_engine(parsnip::logistic_reg(), "glmpp", am ~ wt, data)
  theirs <- of_glm(parsnip::logistic_reg(), am ~ wt, data)
  expect_same_predictions(ours, theirs, data, c("class", "prob", "conf_int", "raw"))
  expect_named(predict(ours, data, type = "prob"), c(".pred_automatic", ".pred_manual"))
  expect_identical(nrow(predict(ours, data[1, ], type = "prob")), 1L)
  probit <- parsnip::fit(parsnip::set_engine(parsnip::logistic_reg(), "glmpp", family = binomial("probit")), am ~ wt, data)
  expect_equal(coef(probit$fit), coef(glm(am ~ wt, binomial("probit"), data, epsilon = 1e-14)), tolerance = 1e-7)
  inverse <- parsnip::fit(parsnip::set_engine(parsnip::linear_reg(), "glmpp", family = Gamma()), mpg ~ wt, data)
  limits <- predict(inverse, data, type = "conf_int")
  expect_true(all(limits$.pred_lower < limits$.pred_upper))
})

test_that("poisson_reg() gives the numbers of the engine glm, with an offset of the formula", {
  skip_if_not_installed("parsnip")
  data <- transform(warpbreaks, length = rep(1:3, 18))
  formula <- breaks ~ wool * tension + offset(log(length))
  ours <- of_engine(parsnip::poisson_reg(), "glmpp", formula, data)
  plain <- glm(formula, poisson, data, epsilon = 1e-14)
  expect_equal(predict(ours, data)$.pred, unname(fitted(plain)), tolerance = 1e-7)
  link <- predict(plain, se.fit = TRUE)
  limits <- predict(ours, data, type = "conf_int")
  expect_equal(unname(limits$.pred_upper), unname(exp(link$fit + qt(0.975, 48) * link$se.fit)), tolerance = 1e-7)
  skip_if_not_installed("poissonreg")
  loadNamespace("poissonreg")
  expect_same_predictions(ours, of_glm(parsnip::poisson_reg(), formula, data), data, c("numeric", "raw"))
})

test_that("multinom_reg() gives the numbers of nnet", {
  skip_if_not_installed("parsnip")
  skip_if_not_installed("nnet")
  ours <- of_engine(parsnip::multinom_reg(), "glmpp", Species ~ Sepal.Width, iris)
  theirs <- nnet::multinom(Species ~ Sepal.Width, iris, trace = FALSE, reltol = 1e-15, maxit = 1000)
  expect_equal(unname(as.matrix(predict(ours, iris, type = "prob"))), unname(fitted(theirs)), tolerance = 1e-5)
  expect_identical(predict(ours, iris)$.pred_class, predict(theirs, iris))
  expect_named(predict(ours, iris[1, ], type = "prob"), paste0(".pred_", levels(iris$Species)))
  expect_identical(dim(predict(ours, iris, type = "raw")), c(150L, 2L))
})

test_that("case weights of both kinds count as in the engine glm", {
  skip_if_not_installed("parsnip")
  data <- cars()
  for (weights in list(parsnip::importance_weights(seq(0.5, 2, length.out = 32)), parsnip::frequency_weights(rep(1:2, 16)))) {
    ours <- of_engine(parsnip::linear_reg(), "glmpp", mpg ~ wt + cyl, data, case_weights = weights)
    theirs <- of_glm(parsnip::linear_reg(), mpg ~ wt + cyl, data, case_weights = weights)
    expect_equal(vcov(ours$fit), vcov(theirs$fit), tolerance = 1e-7)
    expect_same_predictions(ours, theirs, data, c("numeric", "conf_int"))
  }
  ours <- of_engine(parsnip::logistic_reg(), "glmpp", am ~ wt, data, case_weights = weights)
  theirs <- of_glm(parsnip::logistic_reg(), am ~ wt, data, case_weights = weights)
  expect_same_predictions(ours, theirs, data, c("prob", "conf_int"))
})

test_that("fit_xy() keeps factors, and takes what glmpp() takes", {
  skip_if_not_installed("parsnip")
  data <- cars()
  model <- parsnip::set_engine(parsnip::logistic_reg(), "glmpp", keep = "summary", bias_reduction = "mean")
  fit <- parsnip::fit_xy(model, data[c("wt", "cyl")], data$am)
  expect_equal(coef(fit$fit), coef(glmpp(am ~ wt + cyl, binomial, data, bias_reduction = firth())), tolerance = 1e-10)
  expect_lt(length(serialize(fit$fit, NULL)), length(serialize(glmpp(am ~ wt + cyl, binomial, data), NULL)))
})

test_that("`penalty` is ridge()'s, as the page says of glmnet's and nnet's", {
  skip_if_not_installed("parsnip")
  linear <- parsnip::fit(parsnip::set_engine(parsnip::linear_reg(penalty = 3), "glmpp"), mpg ~ wt + hp, mtcars)
  x <- cbind(1, mtcars$wt, mtcars$hp)
  expect_equal(unname(coef(linear$fit)), drop(solve(crossprod(x) + diag(c(0, 3, 3)), crossprod(x, mtcars$mpg))), tolerance = 1e-7)
  none <- parsnip::fit(parsnip::set_engine(parsnip::linear_reg(penalty = 0, mixture = 0), "glmpp"), mpg ~ wt + hp, mtcars)
  expect_equal(coef(none$fit), coef(lm(mpg ~ wt + hp, mtcars)), tolerance = 1e-7)
  own <- parsnip::fit(parsnip::set_engine(parsnip::linear_reg(), "glmpp", penalty = ridge(3)), mpg ~ wt + hp, mtcars)
  expect_equal(coef(own$fit), coef(linear$fit), tolerance = 1e-12)
  # The score of the penalised likelihood is zero.
  logistic <- parsnip::fit(parsnip::set_engine(parsnip::logistic_reg(penalty = 2), "glmpp"), am ~ wt + hp, cars())
  score <- crossprod(x, mtcars$am - logistic$fit$fitted.values) - 2 * c(0, coef(logistic$fit)[-1])
  expect_lt(max(abs(score)), 1e-5)
  skip_if_not_installed("nnet")
  several <- parsnip::fit(parsnip::set_engine(parsnip::multinom_reg(), "glmpp", penalty = ridge(1, intercept = TRUE)),
                          Species ~ Sepal.Width, iris)
  theirs <- nnet::multinom(Species ~ Sepal.Width, iris, decay = 0.5, trace = FALSE, reltol = 1e-15, maxit = 1000)
  expect_equal(unname(as.matrix(predict(several, iris, type = "prob"))), unname(fitted(theirs)), tolerance = 1e-4)
})

test_that("a mixture that is no ridge is refused", {
  expect_error(glmpp_engine(mpg ~ wt, mtcars, penalty = 1, mixture = 0.5), "`mixture` must be NULL or 0", class = "glmpp_error_argument")
  skip_if_not_installed("parsnip")
  model <- parsnip::set_engine(parsnip::linear_reg(penalty = 1, mixture = 1), "glmpp")
  expect_error(parsnip::fit(model, mpg ~ wt, mtcars), "engine \"glmnet\"")
})

test_that("the engine's fit is that of glmpp(), whose call it has", {
  fit <- glmpp_engine(am ~ wt, mtcars, family = binomial, penalty = 0.5)
  expect_identical(fit$call[[1]], quote(glmpp::glmpp))
  expect_equal(coef(update(fit, . ~ . + hp)), coef(glmpp(am ~ wt + hp, binomial, mtcars, penalty = ridge(0.5))), tolerance = 1e-12)
})

test_that("a workflow resampled gives what the engine glm gives", {
  for (package in c("parsnip", "workflows", "rsample", "recipes")) skip_if_not_installed(package)
  verb <- function(package, name) getExportedValue(package, name)
  data <- cars()
  of_workflow <- function(engine) {
    model <- parsnip::set_engine(parsnip::linear_reg(), engine)
    flow <- verb("workflows", "add_formula")(verb("workflows", "workflow")(), mpg ~ wt + cyl)
    predict(parsnip::fit(verb("workflows", "add_model")(flow, model), data), data)$.pred
  }
  expect_equal(unname(of_workflow("glmpp")), unname(of_workflow("glm")), tolerance = 1e-7)
  skip_if_not_installed("tune")
  folds <- with_seed_of(1, verb("rsample", "vfold_cv")(data, v = 4))
  of_folds <- function(engine) {
    model <- parsnip::set_engine(parsnip::logistic_reg(), engine)
    verb("tune", "collect_metrics")(verb("tune", "fit_resamples")(model, am ~ wt, folds))$mean
  }
  expect_equal(with_seed_of(2, of_folds("glmpp")), with_seed_of(2, of_folds("glm")), tolerance = 1e-6)
})
