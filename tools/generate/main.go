// Generate runs protoc-gen-go on a .proto file and writes the generated code to the
// standard output. The arguments are the plugin and the file. The name of the file
// is the one that imports use, relative to the working directory.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run generates the code of the file name with a plugin.
func run(ctx context.Context, plugin, name string) error {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{}),
		SourceInfoMode: protocompile.SourceInfoStandard, // comments
	}
	files, err := compiler.Compile(ctx, name)
	if err != nil {
		return err
	}
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{name},
		Parameter:      new("paths=source_relative"),
		ProtoFile:      withImports(nil, files[0]),
	})
	if err != nil {
		return err
	}
	generator := exec.CommandContext(ctx, plugin)
	generator.Stdin, generator.Stderr = bytes.NewReader(request), os.Stderr
	answer, err := generator.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return errors.New(response.GetError())
	}
	for _, file := range response.GetFile() {
		if _, err := os.Stdout.WriteString(file.GetContent()); err != nil {
			return err
		}
	}
	return nil
}

// withImports adds a file to all, after the files that it imports.
func withImports(all []*descriptorpb.FileDescriptorProto, file protoreflect.FileDescriptor) []*descriptorpb.FileDescriptorProto {
	for _, known := range all {
		if known.GetName() == file.Path() {
			return all
		}
	}
	for i := range file.Imports().Len() {
		all = withImports(all, file.Imports().Get(i).FileDescriptor)
	}
	return append(all, protoutil.ProtoFromFileDescriptor(file))
}
