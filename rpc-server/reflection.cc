#include "rpc-server/reflection.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "rpc-server/observed_call.h"

namespace roster::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// The two versions of the protocol differ in their package only.
template <typename Api, typename Request, typename Response>
class ReflectionService final : public Api::Service {
 public:
  ReflectionService(std::vector<std::string> service_names, const MethodGuard& guard, RpcMetrics& metrics)
      : service_names_(std::move(service_names)),
        guard_(guard),
        metrics_(metrics.OfMethod(absl::StrCat(Api::service_full_name(), "/ServerReflectionInfo"))) {}

  grpc::Status ServerReflectionInfo(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<Response, Request>* stream) override {
    ObservedCall observed;
    observed.Begin(&metrics_);
    const absl::StatusOr<CallerLimits::OpenCall> admitted = guard_.Admit(*context);
    if (!admitted.ok()) return observed.End(admitted.status());
    Request request;
    while (stream->Read(&request)) {
      observed.MessageSent();
      Response response;
      response.set_valid_host(request.host());
      *response.mutable_original_request() = request;
      Answer(request, response);
      if (!stream->Write(response)) break;
    }
    return observed.End(absl::OkStatus());
  }

 private:
  void Answer(const Request& request, Response& response) const {
    const DescriptorPool& pool = *DescriptorPool::generated_pool();
    switch (request.message_request_case()) {
      case Request::kFileByFilename:
        return AnswerFile(pool.FindFileByName(request.file_by_filename()), response);
      case Request::kFileContainingSymbol:
        return AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), response);
      case Request::kFileContainingExtension:
        return AnswerExtension(pool, request, response);
      case Request::kAllExtensionNumbersOfType:
        return AnswerExtensionNumbers(pool, request.all_extension_numbers_of_type(), response);
      case Request::kListServices:
        for (const std::string& name : service_names_)
          response.mutable_list_services_response()->add_service()->set_name(name);
        return;
      default:
        return AnswerError(grpc::StatusCode::INVALID_ARGUMENT, "unknown kind of reflection request", response);
    }
  }

  static void AnswerExtension(const DescriptorPool& pool, const Request& request, Response& response) {
    const auto& wanted = request.file_containing_extension();
    const auto* type = pool.FindMessageTypeByName(wanted.containing_type());
    const auto* extension = type == nullptr ? nullptr : pool.FindExtensionByNumber(type, wanted.extension_number());
    AnswerFile(extension == nullptr ? nullptr : extension->file(), response);
  }

  static void AnswerExtensionNumbers(const DescriptorPool& pool, const std::string& type_name, Response& response) {
    const auto* type = pool.FindMessageTypeByName(type_name);
    if (type == nullptr) return AnswerError(grpc::StatusCode::NOT_FOUND, "no such type", response);
    std::vector<const google::protobuf::FieldDescriptor*> extensions;
    pool.FindAllExtensions(type, &extensions);
    auto* answer = response.mutable_all_extension_numbers_response();
    answer->set_base_type_name(type_name);
    for (const auto* extension : extensions) answer->add_extension_number(extension->number());
  }

  // Sends the file and all that it imports, so that one answer suffices.
  static void AnswerFile(const FileDescriptor* file, Response& response) {
    if (file == nullptr) return AnswerError(grpc::StatusCode::NOT_FOUND, "no such file or symbol", response);
    std::set<const FileDescriptor*> seen;
    std::vector<const FileDescriptor*> pending = {file};
    while (!pending.empty()) {
      const FileDescriptor* next = pending.back();
      pending.pop_back();
      if (!seen.insert(next).second) continue;
      google::protobuf::FileDescriptorProto description;
      next->CopyTo(&description);
      response.mutable_file_descriptor_response()->add_file_descriptor_proto(description.SerializeAsString());
      for (int i = 0; i < next->dependency_count(); ++i) pending.push_back(next->dependency(i));
    }
  }

  static void AnswerError(grpc::StatusCode code, const std::string& message, Response& response) {
    response.mutable_error_response()->set_error_code(code);
    response.mutable_error_response()->set_error_message(message);
  }

  const std::vector<std::string> service_names_;
  const MethodGuard guard_;
  MethodMetrics& metrics_;
};

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

}  // namespace

Reflection::Reflection(std::vector<std::string> service_names, const MethodGuard& guard, RpcMetrics& metrics) {
  service_names.push_back("grpc.health.v1.Health");
  service_names.push_back(v1::ServerReflection::service_full_name());
  service_names.push_back(v1alpha::ServerReflection::service_full_name());
  services_.push_back(std::make_unique<ReflectionService<v1::ServerReflection, v1::ServerReflectionRequest,
                                                         v1::ServerReflectionResponse>>(service_names, guard, metrics));
  services_.push_back(
      std::make_unique<ReflectionService<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
                                         v1alpha::ServerReflectionResponse>>(service_names, guard, metrics));
}

Reflection::~Reflection() = default;

std::vector<grpc::Service*> Reflection::services() const {
  std::vector<grpc::Service*> services;
  for (const auto& service : services_) services.push_back(service.get());
  return services;
}

}  // namespace roster::rpc
